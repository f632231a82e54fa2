import './words';
import { Button } from '@mantine/core';
import { IconCoins, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { Page } from '../../ui/Page';
import { SideSheet } from '../../ui/SideSheet';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Accruals.module.css';
import { Run } from './Run';
import { Wizard } from './Wizard';

const PAGE = 30;
const LOOK_MS = 1000;

/** Points for many: runs with their progress, and the way to begin one. */
export default function AccrualsPage() {
  const t = useWords('accruals');
  const may = useMay('points_many');
  const go = useNavigate();
  const { start } = useSearch({ strict: false }) as { start?: boolean };
  const open = (on: boolean) => void go({ to: '/accruals', search: (on ? { start: true } : {}) as never });
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/accruals', 'pages'],
    queryFn: async ({ pageParam, signal }) => {
      const params = { query: { limit: PAGE, after: pageParam } };
      return (await fetcher.GET('/api/v1/accruals', { params, signal })).data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // Chunk after chunk: while something runs, it is looked at again.
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((run) => run.state === 'running')) ? LOOK_MS : false,
  });
  const runs = list.data?.pages.flatMap((page) => page.items) ?? [];
  const undone = new Set(runs.map((run) => run.undoes).filter(Boolean));
  const begin = may && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => open(true)}>
      {t('start')}
    </Button>
  );
  return (
    <Page title={t('title')} actions={runs.length > 0 && begin}>
      {list.error && <ErrorNote problem={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <RowsSkeleton height={88} />}
      {list.data && runs.length === 0 && (
        <EmptyState
          festive
          icon={<IconCoins size={24} />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={begin}
        />
      )}
      {runs.length > 0 && (
        <ul className={classes.runs} aria-label={t('list')}>
          {runs.map((run) => (
            <Run key={run.id} run={run} undone={undone.has(run.id)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('do.showMore', { ns: 'common' })}
        </Button>
      )}
      <SideSheet
        opened={Boolean(start) && may}
        close={() => open(false)}
        title={t('wizard.title')}
        width={560}
      >
        <Wizard begun={() => open(false)} />
      </SideSheet>
    </Page>
  );
}
