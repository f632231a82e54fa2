import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

/** What changed: a noun of the API (`conversations`), and which one when only one did. */
export type Change = { noun: string; id?: string };

type Listener = (change: Change) => void;

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let connected = true;

function tellConnected(now: boolean): void {
  if (now === connected) return;
  connected = now;
  for (const watcher of watchers) watcher();
}

/** Whether the program is reached. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connected,
  );
}

/** Calls back on every change; for pages that do more than reading again. */
export function useChanges(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

/** Nouns that stand below other addresses and change in a rush: they are read again now and then, not each time. */
const BELOW: Record<string, string[]> = {
  receipts: ['promotions', 'moderation'],
  draws: ['promotions', 'prize-'],
};
const RUSH_MS = 3_000;
/** Many changes of a noun at once are read once: the first of them now, the rest together. */
const LULL_MS = 400;
/** Nouns that were read a moment ago, and whether they changed since. */
const fresh = new Map<string, boolean>();

/** Reads again what a change touches: queries whose address begins with the noun. */
function readAgain(client: QueryClient, noun: string): void {
  if (fresh.has(noun)) {
    fresh.set(noun, true);
    return;
  }
  const above = BELOW[noun];
  const addresses = (above ?? [noun]).map((address) => `/api/v1/${address}`);
  const again = () =>
    void client.invalidateQueries({
      predicate: ({ queryKey }) => {
        const read = String(queryKey[1] ?? queryKey[0]);
        return addresses.some((address) => read.startsWith(address));
      },
    });
  fresh.set(noun, Boolean(above));
  if (!above) again();
  setTimeout(
    () => {
      const changed = fresh.get(noun);
      fresh.delete(noun);
      if (!changed) return;
      if (above) again();
      else readAgain(client, noun);
    },
    above ? RUSH_MS : LULL_MS,
  );
}

/** Holds the one stream that says what changed. After a gap everything on screen is read again: what was missed is not known. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stream = new EventSource('/api/v1/live');
    let broken = false;
    stream.onopen = () => {
      tellConnected(true);
      if (broken) void client.invalidateQueries();
      broken = false;
    };
    stream.onerror = () => {
      broken = true;
      // A stream that the program refuses is closed for good and says nothing of the connection.
      if (stream.readyState !== EventSource.CLOSED) tellConnected(false);
    };
    stream.addEventListener('changed', (event) => {
      const change: Change = JSON.parse((event as MessageEvent<string>).data);
      readAgain(client, change.noun);
      for (const listener of listeners) listener(change);
    });
    return () => stream.close();
  }, [client]);
}
