import { Button, Modal, PinInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { api, fetcher, newKey, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { clock } from '../../lib/format';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import type { Operation } from './Desk';
import classes from './Till.module.css';

const LOOK_MS = 2000;
const DIGITS = 4;

type Code = components['schemas']['ConfirmationCode'];

type CodeDialogProps = {
  contact: string;
  operation: Operation;
  /** What the guest agrees to, in words. */
  what: string;
  done: (balance: number) => void;
  close: () => void;
};

async function send(contact: string, operation: Operation): Promise<Code> {
  const { data } = await fetcher.POST('/api/v1/contacts/{id}/codes', {
    params: { path: { id: contact }, header: { 'Idempotency-Key': newKey() } },
    body: { operation },
  });
  return data!;
}

/** Sends the guest a code and waits until they tell it, or press the button in their chat. */
export function CodeDialog({ contact, operation, what, done, close }: CodeDialogProps) {
  const t = useWords('till');
  const [code, setCode] = useState<Code | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  // Asked once for each time it is sent: whatever is drawn twice, the guest gets one code.
  const [sent] = useState(() => new Map<number, Promise<Code>>());
  useEffect(() => {
    let over = false;
    setProblem(null);
    const asked = sent.get(attempt) ?? send(contact, operation);
    sent.set(attempt, asked);
    asked.then((code) => !over && setCode(code)).catch((problem: unknown) => !over && setProblem(problem));
    return () => {
      over = true;
    };
  }, [contact, operation, attempt, sent]);
  const again = () => {
    setCode(null);
    setAttempt(attempt + 1);
  };
  const leave = () => {
    if (code)
      void fetcher.POST('/api/v1/codes/{id}/cancel', { params: { path: { id: code.id } } }).catch(() => {});
    close();
  };
  return (
    <Modal opened onClose={leave} title={t('code.title')}>
      {Boolean(problem) && <ErrorNote problem={problem} retry={again} />}
      {!problem && !code && <RowsSkeleton rows={2} />}
      {code && <Entering code={code} what={what} done={done} again={again} />}
    </Modal>
  );
}

function Entering({
  code,
  what,
  done,
  again,
}: {
  code: Code;
  what: string;
  done: (balance: number) => void;
  again: () => void;
}) {
  const t = useWords('till');
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const path = { id: code.id };
  const seen = api.useQuery('get', '/api/v1/codes/{id}', { params: { path } }, { refetchInterval: LOOK_MS });
  const state = seen.data?.state ?? code.state;
  const pressed = state === 'confirmed';
  useEffect(() => {
    if (!pressed) return;
    const id = code.contact_id;
    void fetcher
      .GET('/api/v1/contacts/{id}/wallet', { params: { path: { id } } })
      .then(({ data }) => done(data!.available));
  }, [pressed, code.contact_id, done]);
  const over = state === 'cancelled' || state === 'exhausted' || Date.parse(code.expires_at) < Date.now();
  const check = async (digits: string) => {
    if (busy || digits.length < DIGITS) return;
    setBusy(true);
    setFault(undefined);
    try {
      const { data } = await fetcher.POST('/api/v1/codes/{id}/redeem', {
        params: { path },
        body: { code: digits },
      });
      done(data!.available);
    } catch (problem) {
      setFault(problem instanceof Problem ? problem.message : t('say.failed'));
      setTyped('');
      void seen.refetch();
    } finally {
      setBusy(false);
    }
  };
  if (pressed) return <p>{t('code.confirmed')}</p>;
  return (
    <form
      className={classes.code}
      onSubmit={(event) => {
        event.preventDefault();
        void check(typed);
      }}
    >
      <p>{t('code.sent', { what })}</p>
      <PinInput
        autoFocus
        size="lg"
        type="number"
        length={DIGITS}
        placeholder=""
        value={typed}
        onChange={setTyped}
        onComplete={(digits) => void check(digits)}
        error={Boolean(fault)}
        disabled={over}
        aria-label={t('code.field')}
        getInputProps={(at) => ({ 'aria-label': `${t('code.field')}, ${at + 1}` })}
      />
      {fault && (
        <p className={classes.fault} role="alert">
          {fault}
        </p>
      )}
      <p className={classes.waiting}>
        {over ? t('code.over') : `${t('code.waiting')}. ${t('code.until', { time: clock(code.expires_at) })}`}
      </p>
      <div className={classes.buttons}>
        <Button type="submit" loading={busy} disabled={over || typed.length < DIGITS}>
          {t('do.check')}
        </Button>
        <Button variant="default" onClick={again}>
          {t('do.again')}
        </Button>
      </div>
    </form>
  );
}
