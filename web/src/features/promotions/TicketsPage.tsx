import './words';
import { IconTicket } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { moment, whole } from '../../lib/format';
import { type Column, DataTable } from '../../ui/DataTable';
import { PromotionPage } from '../../ui/PromotionPage';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Promotions.module.css';

type Ticket = components['schemas']['PromotionTicket'];

/** Numbers that were given out, the latest first. */
export default function TicketsPage() {
  return (
    <PromotionPage tab="tickets" full>
      {(promotion) => <Tickets promotion={promotion.id} />}
    </PromotionPage>
  );
}

function Tickets({ promotion }: { promotion: string }) {
  const t = useWords('promotions');
  const zone = useMe().zone;
  const go = useNavigate();
  const list = useInfiniteQuery({
    queryKey: ['get', `/api/v1/promotions/${promotion}/tickets`],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await fetcher.GET('/api/v1/promotions/{id}/tickets', {
        params: { path: { id: promotion }, query: { after: pageParam, limit: 200 } },
        signal,
      });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const columns: Column<Ticket>[] = [
    {
      key: 'number',
      title: t('tickets.number'),
      width: '120px',
      cell: (row) => <b className="num">№ {whole(row.number)}</b>,
    },
    {
      key: 'name',
      title: t('tickets.whose'),
      width: 'minmax(120px, 2fr)',
      cell: (row) => row.name || t('participants.noName'),
    },
    {
      key: 'arrived',
      title: t('tickets.arrived'),
      width: '170px',
      wide: true,
      cell: (row) => moment(row.arrived_at, zone),
    },
    {
      key: 'issued',
      title: t('tickets.issued'),
      width: '170px',
      wide: true,
      cell: (row) => moment(row.issued_at, zone),
    },
  ];
  return (
    <>
      <p className={classes.note}>{t('tickets.hint')}</p>
      {list.error && rows.length === 0 ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : (
        <DataTable<Ticket>
          label={t('tickets.title')}
          rows={rows}
          columns={columns}
          id={(row) => String(row.number)}
          loading={list.isPending}
          open={(row) =>
            void go({
              to: '/promotions/$id/receipts/$receipt',
              params: { id: promotion, receipt: row.receipt_id } as never,
            })
          }
          more={() => !list.isFetchingNextPage && void list.fetchNextPage()}
          hasMore={list.hasNextPage}
          empty={
            <EmptyState
              icon={<IconTicket size={22} />}
              title={t('tickets.empty')}
              hint={t('tickets.emptyHint')}
            />
          }
        />
      )}
    </>
  );
}
