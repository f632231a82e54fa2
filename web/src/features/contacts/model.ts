import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import type { Condition } from '../../ui/condition/tree';

export type Listed = components['schemas']['ListedContact'];
export type Contact = components['schemas']['Contact'];
export type Entry = components['schemas']['TimelineEntry'];

/** What the address of the table says. */
export type Asked = {
  q?: string;
  /** A condition of its own. */
  f?: Condition;
  segment?: string;
  /** `name`, `-balance`. */
  sort?: string;
  tab?: string;
};

export const SORTS = ['created', 'name', 'seen', 'balance'] as const;

/** The address of the table, and a way to change it. */
export function useAsked(): [Asked, (change: Partial<Asked>) => void] {
  const asked = useSearch({ strict: false }) as Asked;
  const go = useNavigate();
  const change = useCallback(
    (next: Partial<Asked>) =>
      void go({
        to: '.',
        search: ((before: Asked) => clean({ ...before, ...next })) as never,
        replace: true,
      }),
    [go],
  );
  return [asked, change];
}

/** An address says nothing of what is not asked. */
function clean(asked: Asked): Asked {
  return Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined && value !== ''),
  ) as Asked;
}

/** The body of search and count. */
export function wanted(asked: Asked) {
  return {
    words: asked.q?.trim() || undefined,
    condition: asked.f as never,
    segment: asked.segment,
  };
}

/** Rows of the table, page after page. A page may be short, or empty, and still not be the last. */
export function useRows(asked: Asked) {
  const by = asked.sort ?? '-created';
  const sort = by.replace(/^-/, '') as (typeof SORTS)[number];
  const body = {
    ...wanted(asked),
    sort: SORTS.includes(sort) ? sort : 'created',
    descending: by.startsWith('-'),
    limit: 100,
  };
  return useInfiniteQuery({
    queryKey: ['post', '/api/v1/contacts/search', body],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await fetcher.POST('/api/v1/contacts/search', {
        body: { ...body, after: pageParam },
        signal,
      });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
  });
}

/** How many they are; asked beside the rows, which do not wait for it. */
export function useCount(asked: Asked) {
  const body = wanted(asked);
  return useQuery({
    queryKey: ['post', '/api/v1/contacts/count', body],
    queryFn: async ({ signal }) => (await fetcher.POST('/api/v1/contacts/count', { body, signal })).data!,
    staleTime: 30_000,
  });
}

/** The audience of an action: those chosen by hand, or all whom the filter finds. */
export function audienceOf(asked: Asked, ids: ReadonlySet<string>, all: boolean): object {
  if (!all) return { to: 'these', contacts: [...ids] };
  if (asked.segment && !asked.f) return { to: 'segment', segment: asked.segment };
  if (asked.f) return { to: 'condition', condition: asked.f };
  return { to: 'all' };
}
