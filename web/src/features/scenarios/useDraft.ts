import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { fetcher, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { tellProblem } from '../../lib/notify';
import type { Draft } from './model';

export type DraftProblem = components['schemas']['DraftProblem'];
type History = { past: Draft[]; now: Draft; future: Draft[] };

/** How the draft stands with the program. */
export type Saving = { state: 'saved' | 'saving' | 'failed' | 'conflict'; at: Date };

const BACK_MAX = 200;
/** Changes of one field that follow each other so closely are one step back. */
const TOGETHER_MS = 1200;
const SAVE_AFTER_MS = 900;
const kept = (key: string) => `samovar.draft.${key}`;

/** A draft under work: taken back and made again, saved by itself, kept in the browser until the program has it. */
export function useDraft(key: string, first: Draft, firstRevision: number, firstProblems: DraftProblem[]) {
  const client = useQueryClient();
  const [history, setHistory] = useState<History>(() => ({
    past: [],
    now: rescued(key, firstRevision) ?? first,
    future: [],
  }));
  const [problems, setProblems] = useState(firstProblems);
  const [saving, setSaving] = useState<Saving>({ state: 'saved', at: new Date() });
  const revision = useRef(firstRevision);
  const stored = useRef(JSON.stringify(first));
  const last = useRef<{ tag: string; at: number }>({ tag: '', at: 0 });
  const running = useRef<Promise<void> | null>(null);
  const latest = useRef(history.now);
  latest.current = history.now;

  const change = useCallback((make: (draft: Draft) => Draft, tag = '') => {
    const moment = Date.now();
    const together = tag !== '' && last.current.tag === tag && moment - last.current.at < TOGETHER_MS;
    last.current = { tag, at: moment };
    setHistory(({ past, now, future }) => {
      const next = make(now);
      if (next === now) return { past, now, future };
      return { past: together ? past : [...past, now].slice(-BACK_MAX), now: next, future: [] };
    });
  }, []);
  const undo = useCallback(() => {
    last.current = { tag: '', at: 0 };
    setHistory(({ past, now, future }) =>
      past.length === 0
        ? { past, now, future }
        : { past: past.slice(0, -1), now: past.at(-1)!, future: [now, ...future] },
    );
  }, []);
  const redo = useCallback(() => {
    last.current = { tag: '', at: 0 };
    setHistory(({ past, now, future }) =>
      future.length === 0
        ? { past, now, future }
        : { past: [...past, now], now: future[0]!, future: future.slice(1) },
    );
  }, []);

  /** Stores what is there now; `over` also when somebody else stored something meanwhile. */
  const save = useCallback(
    async (over = false): Promise<void> => {
      while (running.current) await running.current;
      const body = latest.current;
      const json = JSON.stringify(body);
      if (json === stored.current) return;
      setSaving((was) => ({ ...was, state: 'saving' }));
      running.current = (async () => {
        try {
          const { data } = await fetcher.PUT('/api/v1/scenarios/{key}/draft', {
            params: { path: { key }, query: over ? {} : { revision: revision.current } },
            body: body as never,
          });
          if (!data) return;
          revision.current = data.revision;
          stored.current = json;
          setProblems(data.problems);
          setSaving({ state: 'saved', at: new Date() });
          if (JSON.stringify(latest.current) === json) localStorage.removeItem(kept(key));
          void client.invalidateQueries({ queryKey: ['get', '/api/v1/scenarios'] });
        } catch (problem) {
          const conflict = problem instanceof Problem && problem.code === 'revision_conflict';
          setSaving((was) => ({ ...was, state: conflict ? 'conflict' : 'failed' }));
          if (!conflict) tellProblem(problem);
        }
      })();
      await running.current;
      running.current = null;
    },
    [client, key],
  );

  useEffect(() => {
    const json = JSON.stringify(history.now);
    if (json === stored.current) return undefined;
    localStorage.setItem(kept(key), JSON.stringify({ revision: revision.current, draft: history.now }));
    if (saving.state === 'conflict') return undefined;
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [history.now, key, save, saving.state]);

  /** Takes what another person stored in the place of what is here; one step back has it again. */
  const takeTheirs = useCallback(async () => {
    const { data } = await fetcher.GET('/api/v1/scenarios/{key}', { params: { path: { key } } });
    if (!data) return;
    revision.current = data.revision;
    stored.current = JSON.stringify(data.draft);
    setProblems(data.problems);
    change(() => data.draft as unknown as Draft);
    setSaving({ state: 'saved', at: new Date() });
    localStorage.removeItem(kept(key));
  }, [change, key]);

  return {
    draft: history.now,
    change,
    undo,
    redo,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    problems,
    saving,
    save,
    takeTheirs,
    revision,
  };
}

/** What was typed and had not reached the program when the page was closed. */
function rescued(key: string, revision: number): Draft | null {
  try {
    const found = JSON.parse(localStorage.getItem(kept(key)) ?? 'null');
    return found && found.revision === revision ? (found.draft as unknown as Draft) : null;
  } catch {
    return null;
  }
}
