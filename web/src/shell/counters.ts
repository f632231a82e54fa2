import { api } from '../api/client';
import { useMay } from '../api/session';

/** How much waits in a section, by the section's name. */
export type Counters = Record<string, { count: number; mine: boolean } | undefined>;

/** What waits, for the rail and the bottom bar: what is unread of one's own, else what waits for anybody. */
export function useCounters(): Counters {
  const mayTalk = useMay('conversations_read');
  const mayDecide = useMay('moderation');
  const talks = api.useQuery(
    'get',
    '/api/v1/conversations/counts',
    {},
    { enabled: mayTalk, staleTime: 0 },
  ).data;
  const desk = api.useQuery('get', '/api/v1/moderation', {}, { enabled: mayDecide, staleTime: 0 }).data;
  const mine = talks?.mine_unread ?? 0;
  return {
    inbox: talks && { count: mine || talks.free, mine: mine > 0 },
    moderation: desk && { count: desk.receipts, mine: false },
  };
}
