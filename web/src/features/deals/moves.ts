import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { fetcher } from '../../api/client';
import { language, useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import { confirm } from '../../ui/confirm';
import type { Deal, Pipeline, Stage } from './model';

const PAGE = 30;

type Page = { items: Deal[]; next?: string | null };
type Pages = InfiniteData<Page, string | undefined>;

const columnKey = (pipeline: string, stage: string, whose?: string) =>
  ['get', '/api/v1/deals', pipeline, stage, whose ?? ''] as const;
const totalsKey = (pipeline: string) => ['get', '/api/v1/pipelines/totals', pipeline] as const;

/** A column of the board, page by page. */
export function useColumn(pipeline: string, stage: string | undefined, whose: string | undefined) {
  return useInfiniteQuery({
    queryKey: columnKey(pipeline, stage ?? '', whose),
    queryFn: async ({ pageParam, signal }) => {
      const query = { pipeline, stage, responsible_id: whose, after: pageParam, limit: PAGE };
      return (await fetcher.GET('/api/v1/deals', { params: { query }, signal })).data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** How many deals stand where, and what they are worth. */
export const totalsOf = (pipeline: string, whose: string | undefined) => ({
  queryKey: [...totalsKey(pipeline), whose ?? ''],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const params = { path: { key: pipeline }, query: { responsible_id: whose } };
    return (await fetcher.GET('/api/v1/pipelines/{key}/totals', { params, signal })).data!;
  },
});

/** Moves a deal at once on the screen, then in truth; what the program refuses goes back with a word why. */
export function useMoveDeal(pipeline: Pipeline, whose: string | undefined) {
  const t = useWords('deals');
  const client = useQueryClient();
  return async (deal: Deal, to: Stage) => {
    if (deal.stage === to.key) return;
    // Ends move points: they are asked for.
    if (to.kind !== 'open') {
      const sure = await confirm({
        title: t('finish.title', { stage: to.name[language()] }),
        effect: t(`finish.${to.kind}`),
        yes: t('finish.yes'),
        dangerous: to.kind === 'failure',
      });
      if (!sure) return;
    }
    const from = columnKey(pipeline.key, deal.stage, whose);
    const target = columnKey(pipeline.key, to.key, whose);
    await Promise.all([client.cancelQueries({ queryKey: from }), client.cancelQueries({ queryKey: target })]);
    const before = { from: client.getQueryData<Pages>(from), target: client.getQueryData<Pages>(target) };
    const without = (pages: Pages | undefined) =>
      pages && {
        ...pages,
        pages: pages.pages.map((page) => ({
          ...page,
          items: page.items.filter((one) => one.id !== deal.id),
        })),
      };
    const moved: Deal = { ...deal, stage: to.key, kind: to.kind };
    client.setQueryData<Pages>(from, without);
    client.setQueryData<Pages>(target, (pages) => {
      const [first, ...rest] = without(pages)?.pages ?? [];
      return pages && first && { ...pages, pages: [{ ...first, items: [moved, ...first.items] }, ...rest] };
    });
    try {
      await fetcher.POST('/api/v1/deals/{id}/stage', {
        params: { path: { id: deal.id } },
        body: { stage: to.key, revision: deal.revision },
      });
      tell(t('moved', { title: deal.title, stage: to.name[language()] }));
    } catch (problem) {
      client.setQueryData(from, before.from);
      client.setQueryData(target, before.target);
      tellProblem(problem);
    } finally {
      void client.invalidateQueries({ queryKey: from });
      void client.invalidateQueries({ queryKey: target });
      void client.invalidateQueries({ queryKey: totalsKey(pipeline.key) });
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/deals/{id}'] });
    }
  };
}
