import { api } from '../api/client';
import { useMay } from '../api/session';

/** How much waits in a section, by the section's name. */
export type Counters = Record<string, { count: number; mine: boolean } | undefined>;

/** What waits, for the rail and the bottom bar: what is unread of one's own, else what waits for anybody. */
export function useCounters(): Counters {
  const may = useMay('conversations_read');
  const { data } = api.useQuery('get', '/api/v1/conversations/counts', {}, { enabled: may, staleTime: 0 });
  if (!data) return {};
  const mine = data.mine_unread;
  return { inbox: { count: mine || data.free, mine: mine > 0 } };
}
