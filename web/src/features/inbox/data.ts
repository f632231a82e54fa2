import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useChanges } from '../../lib/live';

export type Conversation = components['schemas']['Conversation'];
export type Line = components['schemas']['ThreadLine'];
export type Place = { contact_id: string; channel_id: string };
export type Tab = 'mine' | 'free' | 'bot' | 'all' | 'closed' | 'snoozed';

/** What the list shows; lives in the address. */
export type Wanted = {
  tab: Tab;
  q?: string;
  channel?: string;
  tag?: string;
  assignee?: string;
  unread?: boolean;
  waiting?: boolean;
};

const PAGE = 40;
/** Waiting times and what was put off move without anything being said. */
const LOOK_AGAIN_MS = 60_000;

/** The list, page by page. */
export function useConversations(wanted: Wanted) {
  const { q, ...filter } = wanted;
  const query = q ? { q } : filter;
  return useInfiniteQuery({
    queryKey: ['get', '/api/v1/conversations', { params: { query } }],
    queryFn: async ({ pageParam, signal }) => {
      const asked = { ...query, after: pageParam, limit: PAGE };
      const { data } = await fetcher.GET('/api/v1/conversations', { params: { query: asked }, signal });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_AGAIN_MS,
    staleTime: 0,
  });
}

/** How many there are in the tabs. */
export const useCounts = () =>
  api.useQuery('get', '/api/v1/conversations/counts', {}, { refetchInterval: LOOK_AGAIN_MS, staleTime: 0 });

const path = ({ contact_id, channel_id }: Place) => ({ path: { contact_id, channel_id } });

/** One conversation. */
export const useConversation = (place: Place) =>
  api.useQuery(
    'get',
    '/api/v1/conversations/{contact_id}/{channel_id}',
    { params: path(place) },
    { staleTime: 0 },
  );

/** Names of colleagues by their ids. */
export function useColleagues() {
  const { data } = api.useQuery('get', '/api/v1/conversations/colleagues', {}, { staleTime: 300_000 });
  const all = data?.items ?? NOBODY;
  const names = useMemo(() => new Map(all.map((one) => [one.id, one.name])), [all]);
  return { all, names };
}
const NOBODY: components['schemas']['Colleague'][] = [];

/** Lines that are known, the oldest first, and the way to earlier ones. What is loaded stays while new lines come. */
export function useLines({ contact_id, channel_id }: Place) {
  const client = useQueryClient();
  // Not named by its address: it is read again when this contact's lines change, not anybody's.
  const queryKey = useMemo(() => ['inbox-lines', contact_id, channel_id], [contact_id, channel_id]);
  const read = useCallback(
    async (query: { before?: string }, signal?: AbortSignal) => {
      const params = { path: { contact_id, channel_id }, query: { ...query, limit: 50 } };
      const { data } = await fetcher.GET('/api/v1/conversations/{contact_id}/{channel_id}/lines', {
        params,
        signal,
      });
      return data!;
    },
    [contact_id, channel_id],
  );
  const latest = useQuery({ queryKey, queryFn: ({ signal }) => read({}, signal), staleTime: 0 });
  useChanges(
    useCallback(
      (change) => {
        const mine = change.id === undefined || change.id === contact_id;
        if (mine && (change.noun === 'conversations' || change.noun === 'contacts')) {
          void client.invalidateQueries({ queryKey });
        }
      },
      [client, queryKey, contact_id],
    ),
  );
  const [known, setKnown] = useState<{ lines: Line[]; more: boolean }>({ lines: [], more: false });
  useEffect(() => {
    const page = latest.data;
    if (!page) return;
    setKnown((before) => {
      const first = page.items[0];
      const at = first ? before.lines.findIndex((line) => line.id === first.id) : -1;
      // More than a page was missed: what lies between is not known, so it begins anew.
      if (at < 0) return { lines: page.items, more: page.more };
      return {
        lines: [...before.lines.slice(0, at), ...page.items],
        more: at === 0 ? before.more : before.more,
      };
    });
  }, [latest.data]);
  const loading = useRef(false);
  const [older, setOlder] = useState(false);
  const earlier = useCallback(async () => {
    const first = known.lines[0];
    if (loading.current || !known.more || !first) return;
    loading.current = true;
    setOlder(true);
    try {
      const page = await read({ before: first.place });
      setKnown((now) => {
        const ids = new Set(now.lines.map((line) => line.id));
        return { lines: [...page.items.filter((line) => !ids.has(line.id)), ...now.lines], more: page.more };
      });
    } finally {
      loading.current = false;
      setOlder(false);
    }
  }, [known, read]);
  return { lines: known.lines, more: known.more, earlier, older, latest };
}
