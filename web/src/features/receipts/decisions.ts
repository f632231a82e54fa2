import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { fetcher, Problem } from '../../api/client';
import { useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';

/** For so long a decision can be taken back: only then it is sent, and the participant hears of it. */
export const HELD_MS = 10_000;

export type Decision = { accept: boolean; reason?: string; note?: string };
type Held = { promotion: string; receipt: string; revision: number; decision: Decision };

/** Decisions of this moderator: each is held for a moment, then sent; leaving the page sends what is held. */
export function useDecisions(back: (receipt: string) => void) {
  const t = useWords('receipts');
  const client = useQueryClient();
  const held = useRef(new Map<string, { held: Held; timer: ReturnType<typeof setTimeout> }>());
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const forget = useCallback(
    (receipt: string) =>
      setDecided((before) => {
        const next = new Set(before);
        next.delete(receipt);
        return next;
      }),
    [],
  );
  const send = useCallback(
    async ({ promotion, receipt, revision, decision }: Held, leaving = false) => {
      held.current.delete(receipt);
      try {
        await fetcher.POST('/api/v1/promotions/{id}/receipts/{rid}/decision', {
          params: { path: { id: promotion, rid: receipt } },
          body: { revision, ...decision } as never,
          keepalive: leaving,
        });
        await client.invalidateQueries({
          predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/promotions'),
        });
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 409) {
          tell(t('moderation.taken'));
          void client.invalidateQueries();
          return;
        }
        tellProblem(problem);
        forget(receipt);
      }
    },
    [client, forget, t],
  );
  const flush = useCallback(
    (leaving: boolean) => {
      for (const { held: one, timer } of [...held.current.values()]) {
        clearTimeout(timer);
        void send(one, leaving);
      }
    },
    [send],
  );
  const leaving = useRef(flush);
  leaving.current = flush;
  useEffect(() => {
    const gone = () => leaving.current(true);
    window.addEventListener('pagehide', gone);
    return () => {
      window.removeEventListener('pagehide', gone);
      leaving.current(false);
    };
  }, []);
  const decide = (one: Held) => {
    setDecided((before) => new Set(before).add(one.receipt));
    const timer = setTimeout(() => void send(one), HELD_MS);
    held.current.set(one.receipt, { held: one, timer });
    tell(t(one.decision.accept ? 'moderation.accepted' : 'moderation.refused'), {
      label: t('moderation.undo'),
      run: () => {
        const waiting = held.current.get(one.receipt);
        if (!waiting) return;
        clearTimeout(waiting.timer);
        held.current.delete(one.receipt);
        forget(one.receipt);
        back(one.receipt);
      },
    });
  };
  return { decided, decide };
}
