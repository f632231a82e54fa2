import { Button, Modal } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { fetcher } from '../../api/client';
import { useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import type { Pool } from './CodesPage';
import classes from './Promotions.module.css';

/** Who got which code, the latest first. */
export function Given({ promotion, pool, close }: { promotion: string; pool: Pool; close: () => void }) {
  const t = useWords('promotions');
  const zone = useMe().zone;
  const list = useInfiniteQuery({
    queryKey: ['get', `/api/v1/promotions/${promotion}/pools/${pool.id}/codes`],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await fetcher.GET('/api/v1/promotions/{id}/pools/{pool}/codes', {
        params: { path: { id: promotion, pool: pool.id }, query: { after: pageParam, limit: 50 } },
        signal,
      });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Modal opened onClose={close} title={t('codes.who')}>
      {list.error && !list.data && <ErrorNote problem={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <RowsSkeleton rows={4} />}
      {list.data && rows.length === 0 && <p className={classes.note}>{t('codes.nobody')}</p>}
      <ul className={classes.tickets}>
        {rows.map((one) => (
          <li key={one.code}>
            <span>
              <b>{one.code}</b>{' '}
              <Link to={`/contacts/${one.contact_id}`}>{one.name || t('participants.noName')}</Link>
            </span>
            <span className={classes.note}>{moment(one.given_at, zone)}</span>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button variant="subtle" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          {t('do.showMore', { ns: 'common' })}
        </Button>
      )}
    </Modal>
  );
}
