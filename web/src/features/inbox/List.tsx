import {
  ActionIcon,
  Button,
  Indicator,
  Popover,
  Select,
  Switch,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { useRowKeys } from '../../lib/hotkeys';
import { EmptyState, ErrorNote, NothingFound, RowsSkeleton } from '../../ui/States';
import {
  type Conversation,
  type Place,
  type Tab,
  useColleagues,
  useConversations,
  useCounts,
  type Wanted,
} from './data';
import classes from './List.module.css';
import { Row } from './Row';

const TABS: Tab[] = ['mine', 'free', 'bot', 'all'];
const ROW = 84;

type ListProps = {
  wanted: Wanted;
  change: (what: Partial<Wanted>) => void;
  open: (one: Place) => void;
  place?: Place;
};

/** The list of conversations. */
export function List({ wanted, change, open, place }: ListProps) {
  const t = useWords('inbox');
  const field = useRef<HTMLInputElement>(null);
  const pane = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState(wanted.q ?? '');
  const search = useDebouncedCallback((q: string) => change({ q: q.trim() || undefined }), 250);
  const { data: counts } = useCounts();
  const { names } = useColleagues();
  const list = useConversations(wanted);
  const items: Conversation[] = list.data?.pages.flatMap((page) => page.items) ?? [];
  const is = (one: Conversation) =>
    one.contact_id === place?.contact_id && one.channel_id === place?.channel_id;
  const at = items.findIndex(is);
  const [marked, setMarked] = useState(-1);
  const now = marked >= 0 ? Math.min(marked, items.length - 1) : at;

  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => pane.current,
    estimateSize: () => ROW,
    getItemKey: (index) => `${items[index]!.contact_id}/${items[index]!.channel_id}`,
    overscan: 6,
  });
  const walk = (index: number) => {
    setMarked(index);
    rows.scrollToIndex(index);
    if (items[index]) open(items[index]);
  };
  useRowKeys(items.length, now, walk, walk);
  useHotkeys([['/', () => field.current?.focus()]]);

  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (last >= items.length - 8 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const filtered = wanted.channel || wanted.tag || wanted.assignee || wanted.unread || wanted.waiting;
  const reset = () => {
    setWords('');
    change({
      q: undefined,
      channel: undefined,
      tag: undefined,
      assignee: undefined,
      unread: undefined,
      waiting: undefined,
    });
  };
  const many = { mine: counts?.mine, free: counts?.free, bot: counts?.bot } as Partial<Record<Tab, number>>;
  return (
    <section className={classes.pane} aria-label={t('title')}>
      <header className={classes.head}>
        <h1>{t('title')}</h1>
        <Filter wanted={wanted} change={change} on={Boolean(filtered) || !TABS.includes(wanted.tab)} />
      </header>
      <div className={classes.search}>
        <TextInput
          ref={field}
          value={words}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
          placeholder={t('search')}
          aria-label={t('search')}
          leftSection={<IconSearch size={17} stroke={1.8} />}
          rightSection={
            words ? (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('clear')}
                onClick={() => {
                  setWords('');
                  change({ q: undefined });
                }}
              >
                <IconX size={15} />
              </ActionIcon>
            ) : (
              <kbd className={classes.key}>/</kbd>
            )
          }
        />
      </div>
      <div className={classes.tabs} role="tablist" aria-label={t('title')}>
        {TABS.map((tab) => (
          <button
            type="button"
            role="tab"
            key={tab}
            aria-selected={wanted.tab === tab && !wanted.q}
            onClick={() => {
              setWords('');
              setMarked(-1);
              change({ tab, q: undefined });
            }}
          >
            {t(`tabs.${tab}`)}{' '}
            {many[tab] ? <span className="num">{many[tab]! > 9999 ? '9999+' : many[tab]}</span> : null}
          </button>
        ))}
      </div>
      <div ref={pane} className={classes.rows} tabIndex={0}>
        {list.isPending ? (
          <RowsSkeleton height={78} rows={8} />
        ) : list.isError && items.length === 0 ? (
          <ErrorNote problem={list.error} retry={() => void list.refetch()} />
        ) : items.length === 0 ? (
          wanted.q || filtered ? (
            <NothingFound reset={reset} />
          ) : (
            <Nothing tab={wanted.tab} toFree={() => change({ tab: 'free' })} />
          )
        ) : (
          <div className={classes.inner} style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((row) => (
              <div
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                className={classes.row}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <Row
                  one={items[row.index]!}
                  selected={is(items[row.index]!)}
                  marked={row.index === marked}
                  names={names}
                  open={(one) => {
                    setMarked(row.index);
                    open(one);
                  }}
                />
              </div>
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

function Nothing({ tab, toFree }: { tab: Tab; toFree: () => void }) {
  const t = useWords('inbox');
  const hint = tab === 'mine' || tab === 'free' || tab === 'all' ? t(`empty.${tab}Hint`) : undefined;
  return (
    <EmptyState
      title={t(`empty.${tab}`)}
      hint={hint}
      action={
        tab === 'mine' && (
          <Button variant="default" onClick={toFree}>
            {t('toFree')}
          </Button>
        )
      }
    />
  );
}

/** Channel, colleague, tag, and what waits. */
function Filter({ wanted, change, on }: Pick<ListProps, 'wanted' | 'change'> & { on: boolean }) {
  const t = useWords('inbox');
  const [opened, setOpened] = useState(false);
  const maySee = useMay('channels_read');
  const channels = api.useQuery(
    'get',
    '/api/v1/channels',
    { params: { query: { limit: 200 } } },
    { enabled: opened && maySee },
  );
  const { all } = useColleagues();
  const clear = {
    tab: 'all' as Tab,
    channel: undefined,
    tag: undefined,
    assignee: undefined,
    unread: undefined,
    waiting: undefined,
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={300} shadow="md" trapFocus>
      <Indicator disabled={!on} size={8} offset={5} color="copper">
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            title={on ? t('filter.on') : t('filter.title')}
            aria-label={on ? t('filter.on') : t('filter.title')}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <IconFilter size={19} stroke={1.8} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown className={classes.filter}>
        <Switch
          label={t('filter.unread')}
          checked={Boolean(wanted.unread)}
          onChange={(event) => change({ unread: event.currentTarget.checked || undefined })}
        />
        <Switch
          label={t('filter.waiting')}
          checked={Boolean(wanted.waiting)}
          onChange={(event) => change({ waiting: event.currentTarget.checked || undefined })}
        />
        {maySee && (
          <Select
            label={t('filter.channel')}
            placeholder={t('filter.anyChannel')}
            data={(channels.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            value={wanted.channel ?? null}
            onChange={(channel) => change({ channel: channel ?? undefined })}
            comboboxProps={{ withinPortal: false }}
            clearable
          />
        )}
        <Select
          label={t('filter.assignee')}
          placeholder={t('filter.anybody')}
          data={all.filter((one) => one.active).map((one) => ({ value: one.id, label: one.name }))}
          value={wanted.assignee ?? null}
          onChange={(assignee) => change({ tab: 'all', assignee: assignee ?? undefined })}
          comboboxProps={{ withinPortal: false }}
          clearable
        />
        <TextInput
          label={t('filter.tag')}
          defaultValue={wanted.tag ?? ''}
          onBlur={(event) => change({ tag: event.currentTarget.value.trim() || undefined })}
          onKeyDown={(event) =>
            event.key === 'Enter' && change({ tag: event.currentTarget.value.trim() || undefined })
          }
        />
        <div className={classes.also}>
          {(['closed', 'snoozed'] as const).map((tab) => (
            <UnstyledButton
              key={tab}
              className={classes.other}
              aria-pressed={wanted.tab === tab}
              onClick={() => {
                change({ tab: wanted.tab === tab ? 'all' : tab });
                setOpened(false);
              }}
            >
              {t(`filter.${tab}`)}
            </UnstyledButton>
          ))}
        </div>
        {on && (
          <Button variant="default" onClick={() => change(clear)}>
            {t('filter.reset')}
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
