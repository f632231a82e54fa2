import { Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { type Column, DataTable } from '../../ui/DataTable';
import { FilterBar } from '../../ui/FilterBar';
import { Page } from '../../ui/Page';
import { SideSheet } from '../../ui/SideSheet';
import { EmptyState, ErrorNote, NothingFound } from '../../ui/States';
import classes from './Audit.module.css';
import { ru } from './ru';
import './words';

type Line = components['schemas']['AuditEntry'];
type Sought = { actor?: string; noun?: string };

/** Who changed what. */
export default function Audit() {
  const t = useWords('audit');
  const me = useMe();
  const go = useNavigate();
  const { actor, noun } = useSearch({ strict: false }) as Sought;
  const [shown, setShown] = useState<Line>();
  const seek = (sought: Sought) => {
    const search = Object.fromEntries(
      Object.entries({ actor, noun, ...sought }).filter(([, value]) => value),
    );
    void go({ to: '/audit', search: search as never, replace: true });
  };
  const found = useInfiniteQuery({
    queryKey: ['get', '/api/v1/audit', actor, noun],
    queryFn: async ({ pageParam }) => {
      const query = { actor, noun, after: pageParam, limit: 100 };
      const { data } = await fetcher.GET('/api/v1/audit', { params: { query } });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const lines = found.data?.pages.flatMap((page) => page.items) ?? [];
  const who = (line: Line) =>
    line.actor_name ??
    (line.actor === 'setup' ? t('setup') : line.actor === 'system' ? t('system') : line.actor);
  const what = (line: Line) => {
    // `receipts.provider.add` is an addition, too.
    const [noun = '', ...rest] = line.action.split('.');
    const verb = rest.at(-1) ?? '';
    return `${t(`nouns.${noun}`, { defaultValue: noun })}: ${t(`verbs.${verb}`, { defaultValue: verb })}`;
  };
  const columns: Column<Line>[] = [
    { key: 'at', title: t('when'), width: '130px', cell: (line) => moment(line.at, me.zone) },
    { key: 'who', title: t('who'), width: 'minmax(120px, 1fr)', wide: true, cell: who },
    { key: 'what', title: t('what'), width: 'minmax(0, 2fr)', cell: what },
    {
      key: 'object',
      title: t('object'),
      width: 'minmax(140px, 1.4fr)',
      wide: true,
      cell: (line) => line.object_name ?? <span className={classes.muted}>{line.object}</span>,
    },
  ];
  const filtered = Boolean(actor || noun);
  return (
    <Page title={t('title')} full>
      <FilterBar>
        <People value={actor} choose={(value) => seek({ actor: value })} />
        <Select
          aria-label={t('what')}
          placeholder={t('anything')}
          clearable
          searchable
          value={noun ?? null}
          onChange={(value) => seek({ noun: value ?? undefined })}
          data={Object.keys(ru.nouns).map((value) => ({ value, label: t(`nouns.${value}`) }))}
        />
      </FilterBar>
      {found.error ? (
        <ErrorNote problem={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable
          label={t('label')}
          rows={lines}
          loading={found.isPending}
          columns={columns}
          id={(line) => line.id}
          open={setShown}
          opened={shown?.id}
          more={() => !found.isFetchingNextPage && void found.fetchNextPage()}
          hasMore={found.hasNextPage}
          empty={
            filtered ? (
              <NothingFound reset={() => seek({ actor: undefined, noun: undefined })} />
            ) : (
              <EmptyState title={t('empty')} />
            )
          }
        />
      )}
      {shown && (
        <SideSheet opened close={() => setShown(undefined)} title={what(shown)}>
          <dl className={classes.details}>
            <dt>{t('when')}</dt>
            <dd>{moment(shown.at, me.zone)}</dd>
            <dt>{t('who')}</dt>
            <dd>{who(shown)}</dd>
            <dt>{t('object')}</dt>
            <dd>
              <Subject line={shown} />
            </dd>
          </dl>
          <pre className={classes.data}>
            {Object.keys(shown.data ?? {}).length > 0 ? JSON.stringify(shown.data, null, 2) : t('noDetails')}
          </pre>
        </SideSheet>
      )}
    </Page>
  );
}

/** Where the page about an object is, by the first part of its id. */
const PAGES: Record<string, string> = {
  bro: '/broadcasts',
  chn: '/channels',
  con: '/contacts',
  prm: '/promotions',
  seg: '/segments',
};

function Subject({ line }: { line: Line }) {
  const page = PAGES[line.object.split('_')[0] ?? ''];
  const name = line.object_name ?? line.object;
  return page && line.object_name ? <Link to={`${page}/${line.object}`}>{name}</Link> : name;
}

/** A choice of people; whoever may not see the list does without. */
function People({ value, choose }: { value?: string; choose: (value?: string) => void }) {
  const t = useWords('audit');
  const may = useMay('staff_manage');
  const all = api.useQuery('get', '/api/v1/staff', {}, { enabled: may });
  if (!may) return null;
  const people = (all.data ?? []).map((one) => ({ value: one.id, label: one.name }));
  return (
    <Select
      aria-label={t('who')}
      placeholder={t('anybody')}
      clearable
      searchable
      value={value ?? null}
      onChange={(chosen) => choose(chosen ?? undefined)}
      data={[...people, { value: 'setup', label: t('setup') }, { value: 'system', label: t('system') }]}
    />
  );
}
