import './words';
import { Button, Switch } from '@mantine/core';
import { IconPlus, IconTicket } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { fetcher } from '../../api/client';
import { useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { days, whole } from '../../lib/format';
import { type Promotion, STATE_TONES } from '../../lib/promotions';
import { lastMinute } from '../../lib/zone';
import { Chip } from '../../ui/Chip';
import { type Column, DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Promotions.module.css';

/** All promotions: where each stands and what is in it. */
export default function PromotionsPage() {
  const t = useWords('promotions');
  const go = useNavigate();
  const { archived = false } = useSearch({ strict: false }) as { archived?: boolean };
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/promotions', archived],
    queryFn: async ({ pageParam, signal }) => {
      const query = { archived, after: pageParam, limit: 100 };
      return (await fetcher.GET('/api/v1/promotions', { params: { query }, signal })).data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = useMemo(
    () => (list.data?.pages.flatMap((page) => page.items) ?? []) as unknown as Promotion[],
    [list.data],
  );
  const columns = useColumns();
  const create = (
    <Button component={Link} to="/promotions/new" leftSection={<IconPlus size={17} />}>
      {t('create')}
    </Button>
  );
  return (
    <Page title={t('title')} full actions={rows.length > 0 || list.error ? create : undefined}>
      {rows.length > 0 || archived ? (
        <Switch
          label={t('withArchived')}
          checked={archived}
          onChange={(event) =>
            void go({ to: '.', search: (event.currentTarget.checked ? { archived: true } : {}) as never })
          }
        />
      ) : (
        <div />
      )}
      {list.error && rows.length === 0 ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : (
        <DataTable<Promotion>
          label={t('title')}
          rows={rows}
          columns={columns}
          id={(row) => row.id}
          loading={list.isPending}
          open={(row) => void go({ to: '/promotions/$id', params: { id: row.id } as never })}
          more={() => !list.isFetchingNextPage && void list.fetchNextPage()}
          hasMore={list.hasNextPage}
          empty={
            <EmptyState
              festive
              icon={<IconTicket size={22} />}
              title={t('empty')}
              hint={t('emptyHint')}
              action={create}
            />
          }
        />
      )}
    </Page>
  );
}

function useColumns(): Column<Promotion>[] {
  const t = useWords('promotions');
  const zone = useMe().zone;
  const count = (key: 'participants' | 'tickets' | 'waiting' | 'moderation'): Column<Promotion> => ({
    key,
    title: t(`column.${key}`),
    width: '120px',
    right: true,
    wide: true,
    cell: (row) => whole(row[key]),
  });
  return [
    {
      key: 'name',
      title: t('column.name'),
      width: 'minmax(150px, 2fr)',
      cell: (row) => <b className={classes.name}>{row.name}</b>,
    },
    {
      key: 'state',
      title: t('column.state'),
      width: '140px',
      cell: (row) => (
        <Chip tone={STATE_TONES[row.state]}>{t(`promotion.states.${row.state}`, { ns: 'common' })}</Chip>
      ),
    },
    {
      key: 'period',
      title: t('column.period'),
      width: 'minmax(180px, 1.4fr)',
      wide: true,
      cell: (row) => days(row.starts_at, lastMinute(row.ends_at), zone),
    },
    count('participants'),
    count('tickets'),
    count('waiting'),
    count('moderation'),
  ];
}
