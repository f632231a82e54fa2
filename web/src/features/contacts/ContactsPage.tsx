import { Button, Checkbox, Menu, Select } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconBan, IconColumns3, IconPlus, IconUpload } from '@tabler/icons-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import { day, phone, recent, whole } from '../../lib/format';
import { Avatar } from '../../ui/Avatar';
import { BulkBar } from '../../ui/BulkBar';
import { Chip } from '../../ui/Chip';
import { type Column, DataTable, NOTHING, type Selection } from '../../ui/DataTable';
import { FilterBar } from '../../ui/FilterBar';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote, NothingFound } from '../../ui/States';
import classes from './Contacts.module.css';
import { FilterButton } from './FilterButton';
import { type Listed, useAsked, useCount, useRows } from './model';
import './words';

const AddContact = behind(() => import('./AddContact'), 'AddContact');
const BulkActions = behind(() => import('./BulkActions'), 'BulkActions');
const ContactSheet = behind(() => import('./ContactSheet'), 'ContactSheet');

const CHOOSABLE = ['phone', 'tags', 'balance', 'seen', 'created', 'birthday', 'source'] as const;
type Choosable = (typeof CHOOSABLE)[number];
const SHOWN: Choosable[] = ['phone', 'tags', 'balance', 'seen', 'created'];

/** The table of customers, with the card of one in a drawer. */
export default function ContactsPage() {
  const t = useWords('contacts');
  const [asked, change] = useAsked();
  const { id } = useParams({ strict: false }) as { id?: string };
  const go = useNavigate();
  const mayWrite = useMay('contacts_write');
  const mayImport = useMay('imports_make');
  const mayPoints = useMay('points_read');
  const rows = useRows(asked);
  const count = useCount(asked);
  const segments = api.useQuery('get', '/api/v1/segments', { params: { query: { limit: 200 } } });
  const [selection, select] = useState<Selection>(NOTHING);
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useLocalStorage<Choosable[]>({
    key: 'samovar.contacts.columns',
    defaultValue: SHOWN,
    getInitialValueInEffect: false,
  });
  const filter = JSON.stringify([asked.q, asked.f, asked.segment]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter finds others
  useEffect(() => select(NOTHING), [filter]);
  const all = useMemo(() => rows.data?.pages.flatMap((page) => page.items) ?? [], [rows.data]);
  const filtered = Boolean(asked.q || asked.f || asked.segment);
  // A page of few or no rows is not the end: the search goes on where it stood.
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetching } = rows;
  useEffect(() => {
    if (all.length < 60 && hasNextPage && !isFetching) void fetchNextPage();
  }, [all.length, hasNextPage, isFetching, fetchNextPage]);
  const columns = useColumns(shown, mayPoints);
  const found = count.data
    ? count.data.exact
      ? whole(count.data.contacts)
      : t('about', { found: whole(count.data.contacts) })
    : undefined;
  const open = (contact: string) =>
    void go({ to: '/contacts/$id', params: { id: contact }, search: asked as never });
  const reset = () => change({ q: undefined, f: undefined, segment: undefined });
  return (
    <Page
      full
      title={t('title')}
      actions={
        <>
          {mayImport && (
            <Button variant="default" leftSection={<IconUpload size={17} />} component={Link} to="/files">
              {t('import')}
            </Button>
          )}
          {mayWrite && (
            <Button leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)}>
              {t('add')}
            </Button>
          )}
        </>
      }
    >
      <FilterBar
        search={asked.q ?? ''}
        onSearch={(q) => change({ q })}
        placeholder={t('search')}
        aside={
          <span className={classes.count} aria-live="polite">
            {isFetchingNextPage && all.length < 60 && <span>{t('looking')}</span>}
            {count.data && (
              <span>
                {count.data.exact
                  ? t('found', { count: count.data.contacts, found })
                  : t('found', { count: 5, found })}
              </span>
            )}
          </span>
        }
      >
        <Select
          className={classes.segment}
          aria-label={t('segment')}
          placeholder={t('anySegment')}
          data={segments.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
          value={asked.segment ?? null}
          onChange={(segment) => change({ segment: segment ?? undefined })}
          searchable
          clearable
        />
        <FilterButton asked={asked} change={change} />
        <Menu closeOnItemClick={false}>
          <Menu.Target>
            <Button variant="default" leftSection={<IconColumns3 size={17} />} className={classes.columns}>
              {t('columns.title')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {CHOOSABLE.map((key) => (
              <Menu.Item key={key} onClick={() => setShown(toggled(shown, key))}>
                <Checkbox
                  size="xs"
                  readOnly
                  tabIndex={-1}
                  checked={shown.includes(key)}
                  label={t(`columns.${key}`)}
                />
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </FilterBar>
      {rows.error && all.length === 0 ? (
        <ErrorNote problem={rows.error} retry={() => void rows.refetch()} />
      ) : (
        <DataTable<Listed>
          label={t('title')}
          rows={all}
          columns={columns}
          id={(row) => row.contact.id}
          loading={rows.isPending || (all.length === 0 && (isFetchingNextPage || hasNextPage))}
          open={(row) => open(row.contact.id)}
          opened={id}
          selection={mayWrite ? selection : undefined}
          select={mayWrite ? select : undefined}
          sorted={asked.sort ?? '-created'}
          sort={(sort) => change({ sort: sort === '-created' ? undefined : sort })}
          more={() => !isFetchingNextPage && void fetchNextPage()}
          hasMore={hasNextPage}
          empty={
            filtered ? (
              <NothingFound reset={reset} />
            ) : (
              <EmptyState
                festive
                title={t('emptyTitle')}
                hint={t('emptyHint')}
                action={
                  mayWrite && (
                    <Button variant="default" onClick={() => setAdding(true)}>
                      {t('add')}
                    </Button>
                  )
                }
              />
            )
          }
        />
      )}
      <BulkBar selection={selection} found={count.data?.contacts} select={select}>
        <Suspense>
          <BulkActions
            asked={asked}
            selection={selection}
            found={count.data?.contacts ?? 0}
            done={() => select(NOTHING)}
          />
        </Suspense>
      </BulkBar>
      <Suspense>
        <AddContact opened={adding} close={() => setAdding(false)} made={open} />
        <ContactSheet id={id} close={() => void go({ to: '/contacts', search: asked as never })} />
      </Suspense>
    </Page>
  );
}

const toggled = (list: Choosable[], key: Choosable): Choosable[] =>
  list.includes(key)
    ? list.filter((one) => one !== key)
    : CHOOSABLE.filter((one) => one === key || list.includes(one));

function useColumns(shown: Choosable[], mayPoints: boolean): Column<Listed>[] {
  const t = useWords('contacts');
  const name: Column<Listed> = {
    key: 'name',
    title: t('columns.name'),
    width: 'minmax(180px, 2fr)',
    sort: true,
    cell: ({ contact, channels }) => (
      <span className={classes.person}>
        <Avatar name={contact.name || '?'} size={28} />
        <span className={classes.name} data-none={!contact.name || undefined}>
          {contact.name || t('noName')}
        </span>
        {(contact.stopped_at || (channels.length > 0 && channels.every((one) => !one.reachable))) && (
          <span className={classes.silent} title={t(contact.stopped_at ? 'stopped' : 'blocked')}>
            <IconBan size={15} aria-label={t(contact.stopped_at ? 'stopped' : 'blocked')} />
          </span>
        )}
      </span>
    ),
  };
  const cells: Record<Choosable, Column<Listed>> = {
    phone: {
      key: 'phone',
      title: t('columns.phone'),
      width: '150px',
      wide: true,
      cell: ({ contact }) => <span className="num">{contact.phone ? phone(contact.phone) : '—'}</span>,
    },
    tags: {
      key: 'tags',
      title: t('columns.tags'),
      width: 'minmax(140px, 1.6fr)',
      wide: true,
      cell: ({ contact }) => (
        <span className={classes.tags}>
          {contact.tags.slice(0, 3).map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
          {contact.tags.length > 3 && <span className={classes.rest}>+{contact.tags.length - 3}</span>}
        </span>
      ),
    },
    balance: {
      key: 'balance',
      title: t('columns.balance'),
      width: '90px',
      right: true,
      sort: true,
      cell: ({ available }) => (available === undefined || available === null ? '—' : whole(available)),
    },
    seen: {
      key: 'seen',
      title: t('columns.seen'),
      width: '110px',
      wide: true,
      sort: true,
      cell: ({ last_seen_at }) =>
        last_seen_at ? recent(last_seen_at) : <span className={classes.none}>{t('never')}</span>,
    },
    created: {
      key: 'created',
      title: t('columns.created'),
      width: '130px',
      wide: true,
      sort: true,
      cell: ({ contact }) => recent(contact.created_at),
    },
    birthday: {
      key: 'birthday',
      title: t('columns.birthday'),
      width: '150px',
      wide: true,
      cell: ({ contact }) => (contact.birthday ? day(`${contact.birthday}T12:00:00`) : '—'),
    },
    source: {
      key: 'source',
      title: t('columns.source'),
      width: '120px',
      wide: true,
      cell: ({ contact }) => contact.source ?? '—',
    },
  };
  const wished = CHOOSABLE.filter((key) => shown.includes(key) && (key !== 'balance' || mayPoints));
  return [name, ...wished.map((key) => cells[key])];
}
