import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Suspense } from 'react';
import { fetcher } from '../../api/client';
import { useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import { whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Draws.module.css';
import { type Draw, useMoment, type Winner } from './parts';

const WinnerSheet = behind(() => import('./WinnerSheet'), 'WinnerSheet');

const TONES: Record<string, Tone> = {
  reserve: 'plain',
  drawn: 'warn',
  told: 'info',
  accepted: 'accent',
  sent: 'info',
  handed: 'ok',
  refused: 'bad',
  silent: 'bad',
};

const GROUPS = {
  all: [],
  waiting: ['drawn', 'told'],
  toSend: ['accepted', 'sent'],
  finished: ['handed'],
  lost: ['refused', 'silent'],
  reserve: ['reserve'],
} as const;
type Group = keyof typeof GROUPS;

const PAGE = 100;

/** Where a winner stands. */
export function WinnerChip({ state }: { state: string }) {
  const t = useWords('draws');
  return <Chip tone={TONES[state] ?? 'plain'}>{t(`winners.state_.${state}`)}</Chip>;
}

/** Whom the bot has not tried to write to yet. */
const isUntold = (one: Winner): boolean => one.state === 'drawn' && !one.answer_until;

/** Winners with what became of their prizes; one of them in a drawer. */
export function Winners({ draw, place }: { draw: Draw; place?: string }) {
  const t = useWords('draws');
  const go = useNavigate();
  const at = useMoment();
  const asked = (useSearch({ strict: false }) as { group?: Group }).group;
  const group: Group = asked && asked in GROUPS ? asked : 'all';
  const path = { id: draw.promotion, draw: draw.id };
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/promotions/winners', path],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, after: pageParam ?? undefined };
      const { data } = await fetcher.GET('/api/v1/promotions/{id}/draws/{draw}/winners', {
        params: { path, query },
        signal,
      });
      return data!;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    // The bot is writing to them one after another.
    refetchInterval: ({ state }) =>
      draw.state === 'published' && state.data?.pages.some((page) => page.items.some(isUntold))
        ? 2_000
        : false,
  });
  const all = list.data?.pages.flatMap((page) => page.items) ?? [];
  const wanted: readonly string[] = GROUPS[group];
  const shown = wanted.length === 0 ? all : all.filter((one) => wanted.includes(one.state));
  const to = (one?: Winner) =>
    void go({
      to: one ? '/promotions/$id/draws/$draw/winners/$place' : '/promotions/$id/draws/$draw',
      params: { ...path, place: String(one?.place) } as never,
      search: (group === 'all' ? {} : { group }) as never,
    });
  const open = all.find((one) => String(one.place) === place);
  return (
    <Card title={t('winners.title')} subtitle={t('winners.subtitle')}>
      <div className={classes.filter}>
        <SegmentedControl
          size="xs"
          value={group}
          aria-label={t('winners.state')}
          onChange={(next) => void go({ to: '.', search: { group: next } as never, replace: true })}
          data={(Object.keys(GROUPS) as Group[]).map((value) => ({ value, label: t(`winners.${value}`) }))}
        />
      </div>
      {list.error && all.length === 0 ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <RowsSkeleton rows={6} />
      ) : shown.length === 0 ? (
        <EmptyState title={t('winners.empty')} />
      ) : (
        <ul className={classes.winners}>
          {shown.map((one) => (
            <li key={one.place}>
              <button type="button" onClick={() => to(one)}>
                <i>{one.place}</i>
                <span>
                  <b>{one.contact_name || one.name}</b>
                  <small>
                    {one.prize?.name ?? t('winners.noPrize')}
                    {one.instead_of ? ` · ${t('winners.insteadOf', { place: one.instead_of })}` : ''}
                  </small>
                </span>
                <span className={classes.wide}>{t('winners.ticketNo', { n: whole(one.ticket) })}</span>
                <span className={classes.end}>
                  <WinnerChip state={one.state} />
                  {one.state === 'told' && one.answer_until && (
                    <small>{t('winners.until', { until: at(one.answer_until) })}</small>
                  )}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void list.fetchNextPage()}
          loading={list.isFetchingNextPage}
          mt={12}
        >
          {t('winners.more')}
        </Button>
      )}
      <Suspense>
        {open && <WinnerSheet key={open.place} winner={open} draw={draw} close={() => to()} />}
      </Suspense>
    </Card>
  );
}
