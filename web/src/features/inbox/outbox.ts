import { useSyncExternalStore } from 'react';
import { fetcher, newKey, Problem } from '../../api/client';
import type { Place } from './data';

/** An answer on its way to the program. Kept on this computer until it stands among the lines: nothing typed is lost. */
export type Pending = Place & {
  /** Named by this key it is said once, however often it is sent. */
  once: string;
  at: number;
  text: string;
  files: { id: string; kind: 'photo' | 'document'; name: string }[];
  buttons: string[];
  /** `waiting` for the connection, `taken` by the program, `refused` with a reason. */
  state: 'sending' | 'waiting' | 'taken' | 'refused';
  why?: string;
};

const KEPT = 'samovar.inbox.outbox';
const RETRY_MS = 3000;

let all: Pending[] = read();
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function read(): Pending[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '[]') as Pending[];
    return kept.map((one) => (one.state === 'sending' ? { ...one, state: 'waiting' } : one));
  } catch {
    return [];
  }
}

function change(next: Pending[]): void {
  all = next;
  localStorage.setItem(KEPT, JSON.stringify(all));
  for (const watcher of watchers) watcher();
}

const set = (once: string, what: Partial<Pending>) =>
  change(all.map((one) => (one.once === once ? { ...one, ...what } : one)));

async function send(one: Pending): Promise<void> {
  set(one.once, { state: 'sending', why: undefined });
  try {
    await fetcher.POST('/api/v1/conversations/{contact_id}/{channel_id}/answer', {
      params: { path: { contact_id: one.contact_id, channel_id: one.channel_id } },
      headers: { 'idempotency-key': one.once },
      body: {
        text: one.text,
        files: one.files.map((file) => file.id),
        buttons: one.buttons.map((label) => ({ label })),
      },
    });
    set(one.once, { state: 'taken' });
  } catch (error) {
    const refused = error instanceof Problem && error.status < 500 && error.status !== 429;
    set(one.once, refused ? { state: 'refused', why: error.message } : { state: 'waiting' });
    if (!refused) later();
  }
}

/** While the connection is away it is tried again, by the same key. */
function later(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const one of all.filter((one) => one.state === 'waiting')) void send(one);
  }, RETRY_MS);
}
if (all.some((one) => one.state === 'waiting')) later();

/** Says something; it stands among the lines at once. */
export function say(what: Omit<Pending, 'once' | 'at' | 'state'>): void {
  const one: Pending = { ...what, once: newKey(), at: Date.now(), state: 'sending' };
  change([...all, one]);
  void send(one);
}

/** Tries a refused one again. */
export function sayAgain(once: string): void {
  const one = all.find((one) => one.once === once);
  if (one) void send(one);
}

/** Forgets one: it stands among the lines, or was taken back. */
export function forget(once: string[]): void {
  if (all.some((one) => once.includes(one.once))) change(all.filter((one) => !once.includes(one.once)));
}

const NONE: Pending[] = [];
const parts = new Map<string, Pending[]>();

/** What is on its way in a conversation. */
export function usePending({ contact_id, channel_id }: Place): Pending[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => {
      const mine = all.filter((one) => one.contact_id === contact_id && one.channel_id === channel_id);
      if (mine.length === 0) return NONE;
      const key = `${contact_id}/${channel_id}`;
      const before = parts.get(key);
      if (before && before.length === mine.length && before.every((one, at) => one === mine[at]))
        return before;
      parts.set(key, mine);
      return mine;
    },
  );
}
