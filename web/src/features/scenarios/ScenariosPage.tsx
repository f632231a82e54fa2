import { Button } from '@mantine/core';
import { IconPlus, IconSitemap } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { recent, whole } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import { type Column, DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './List.module.css';
import { NewScenario } from './NewScenario';
import './words';

/** All scenarios of the company: which work, where, and how many people began them. */
export default function ScenariosPage() {
  const t = useWords('scenarios');
  const go = useNavigate();
  const may = useMay('scenarios_write');
  const maySeeChannels = useMay('channels_read');
  const [fresh, setFresh] = useState(false);
  const found = useInfiniteQuery({
    queryKey: ['get', '/api/v1/scenarios', 'pages'],
    queryFn: async ({ pageParam: after }) => {
      const { data } = await fetcher.GET('/api/v1/scenarios', { params: { query: { limit: 100, after } } });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const begun = api.useQuery('get', '/api/v1/scenarios/begun', {});
  const channels = api.useQuery('get', '/api/v1/channels', {}, { enabled: maySeeChannels });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  type Row = (typeof rows)[number];
  const times = new Map(begun.data?.scenarios.map((one) => [one.id, one.times]));
  const runs = (key: string) => channels.data?.items.filter((one) => one.scenarios.includes(key)) ?? [];
  const columns: Column<Row>[] = [
    {
      key: 'name',
      title: t('columns.name'),
      width: 'minmax(180px, 2fr)',
      cell: (row) => (
        <span className={classes.name}>
          <b>{row.name}</b>
          <span>{row.key}</span>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('columns.state'),
      width: 'minmax(150px, 1fr)',
      cell: (row) =>
        !row.published ? (
          <Chip>{t('state.draft')}</Chip>
        ) : channels.data && runs(row.key).length === 0 ? (
          <Chip tone="warn">{t('state.idle', { version: row.published })}</Chip>
        ) : (
          <Chip tone="ok">{t('state.works', { version: row.published })}</Chip>
        ),
    },
    {
      key: 'channels',
      title: t('columns.channels'),
      wide: true,
      cell: (row) =>
        runs(row.key)
          .map((one) => one.name)
          .join(', ') || '—',
    },
    {
      key: 'begun',
      title: t('columns.begun'),
      width: '150px',
      right: true,
      wide: true,
      cell: (row) => whole(times.get(row.id) ?? 0),
    },
    {
      key: 'changed',
      title: t('columns.changed'),
      width: '120px',
      right: true,
      wide: true,
      cell: (row) => recent(row.updated_at),
    },
  ];
  const make = may && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setFresh(true)}>
      {t('make')}
    </Button>
  );
  return (
    <Page title={t('title')} actions={rows.length > 0 && make} full>
      <p className={classes.hint}>{t('hint')}</p>
      {found.isError ? (
        <ErrorNote problem={found.error} retry={() => void found.refetch()} />
      ) : (
        <DataTable
          label={t('title')}
          rows={rows}
          columns={columns}
          id={(row) => row.key}
          loading={found.isPending}
          open={(row) => void go({ to: '/scenarios/$key', params: { key: row.key } })}
          more={() => void found.fetchNextPage()}
          hasMore={found.hasNextPage}
          empty={
            <EmptyState
              festive
              icon={<IconSitemap size={22} />}
              title={t('empty')}
              hint={t('emptyHint')}
              action={make}
            />
          }
        />
      )}
      <NewScenario opened={fresh} close={() => setFresh(false)} taken={rows.map((row) => row.key)} />
    </Page>
  );
}
