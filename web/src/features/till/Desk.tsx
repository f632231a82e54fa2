import { Button, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { fetcher, newKey, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { money, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { NoRight } from '../../ui/States';
import { CodeDialog } from './CodeDialog';
import classes from './Till.module.css';

type Contact = components['schemas']['Contact'];
type Wallet = components['schemas']['Wallet'];
export type Operation = components['schemas']['ConfirmedOperation'];

type Action = 'purchase' | 'grant' | 'deduct';
const ACTIONS: Action[] = ['purchase', 'grant', 'deduct'];

/** What is done for the guest. */
export function Desk({ contact, wallet }: { contact: Contact; wallet: Wallet }) {
  const t = useWords('till');
  const may = useMay('points_write');
  const [action, setAction] = useState<Action>('purchase');
  useHotkeys(
    ACTIONS.map((one, at) => [`alt+${at + 1}`, () => setAction(one)] as [string, () => void]),
    [],
  );
  if (!may) return <NoRight right="points_write" />;
  return (
    <Card>
      <SegmentedControl
        fullWidth
        size="md"
        value={action}
        onChange={(one) => setAction(one as Action)}
        aria-label={t('title')}
        data={ACTIONS.map((value) => ({ value, label: t(`action.${value}`) }))}
      />
      {action === 'purchase' ? (
        <PurchaseForm contact={contact} />
      ) : (
        <MoveForm key={action} action={action} contact={contact} wallet={wallet} />
      )}
    </Card>
  );
}

/** Does something under one key until it is done, so that a lost answer does nothing twice. */
export function useOnce() {
  const key = useRef(newKey());
  return {
    key: () => key.current,
    renew: () => {
      key.current = newKey();
    },
  };
}

/** Reads again what an operation changes. */
export function useRefresh(contact: string) {
  const client = useQueryClient();
  return () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => JSON.stringify(queryKey).includes(contact),
    });
}

/** The company asks for the guest's consent to this. */
const needsCode = (problem: unknown) => problem instanceof Problem && problem.code === 'code_required';

function MoveForm({
  action,
  contact,
  wallet,
}: {
  action: 'grant' | 'deduct';
  contact: Contact;
  wallet: Wallet;
}) {
  const t = useWords('till');
  const once = useOnce();
  const refresh = useRefresh(contact.id);
  const [points, setPoints] = useState<number>();
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState(false);
  const [confirming, setConfirming] = useState<Operation | null>(null);
  const text = (count: number) => t('points', { count, n: whole(count) });
  const after = wallet.available + (action === 'grant' ? 1 : -1) * (points ?? 0);
  const operation: Operation = { kind: 'deduct', points, comment: comment.trim() || null } as Operation;
  const finish = async (balance: number) => {
    once.renew();
    setPoints(undefined);
    setComment('');
    setConfirming(null);
    tell(t(`done.${action}`, { balance: text(balance) }));
    await refresh();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!points || busy) return;
    setBusy(true);
    try {
      const path = `/api/v1/contacts/{id}/wallet/${action}` as '/api/v1/contacts/{id}/wallet/grant';
      const { data } = await fetcher.POST(path, {
        params: { path: { id: contact.id }, header: { 'Idempotency-Key': once.key() } },
        body: { points, comment: comment.trim() || undefined },
      });
      await finish(data!.available);
    } catch (problem) {
      if (needsCode(problem)) setConfirming(operation);
      else tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const change = (set: () => void) => {
    once.renew();
    set();
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <NumberInput
        size="lg"
        autoFocus
        label={t('amount')}
        value={points ?? ''}
        onChange={(typed) => change(() => setPoints(typed === '' ? undefined : Number(typed)))}
        allowNegative={false}
        allowDecimal={false}
        thousandSeparator={'\u00a0'}
        inputMode="numeric"
      />
      <TextInput
        size="md"
        label={t('comment')}
        description={t('commentHint')}
        maxLength={500}
        value={comment}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          change(() => setComment(typed));
        }}
      />
      <dl className={classes.quote} aria-live="polite">
        <div>
          <dt>{t('quote.becomes')}</dt>
          <dd data-bad={after < 0 || undefined}>{text(after)}</dd>
        </div>
      </dl>
      <div className={classes.buttons}>
        <Button type="submit" size="md" loading={busy} disabled={!points}>
          {points ? t(`do.${action}`, { points: text(points) }) : t(`action.${action}`)}
        </Button>
        {action === 'deduct' && (
          <Button variant="default" size="md" disabled={!points} onClick={() => setConfirming(operation)}>
            {t('do.withCode')}
          </Button>
        )}
      </div>
      {confirming && (
        <CodeDialog
          contact={contact.id}
          operation={confirming}
          what={t('code.spends', { points: text(points ?? 0) })}
          done={(balance) => void finish(balance)}
          close={() => setConfirming(null)}
        />
      )}
    </form>
  );
}

function PurchaseForm({ contact }: { contact: Contact }) {
  const t = useWords('till');
  const once = useOnce();
  const refresh = useRefresh(contact.id);
  const [sum, setSum] = useState<number>();
  const [pay, setPay] = useState<number>();
  const [receipt, setReceipt] = useState('');
  const [busy, setBusy] = useState(false);
  const [confirming, setConfirming] = useState<Operation | null>(null);
  const text = (count: number) => t('points', { count, n: whole(count) });
  const body = {
    sum_minor: Math.round((sum ?? 0) * 100),
    pay_points: pay || undefined,
    receipt: receipt.trim() || undefined,
    items: [],
  };
  const [asked] = useDebouncedValue(JSON.stringify(body), 200);
  const quote = useQuery({
    queryKey: ['till-quote', contact.id, asked],
    queryFn: async ({ signal }) => {
      const params = { path: { id: contact.id } };
      return (
        await fetcher.POST('/api/v1/contacts/{id}/purchases/quote', {
          params,
          body: JSON.parse(asked),
          signal,
        })
      ).data;
    },
    enabled: (JSON.parse(asked) as typeof body).sum_minor > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const seen = body.sum_minor > 0 ? quote.data : undefined;
  const fault = body.sum_minor > 0 && quote.error instanceof Problem ? quote.error.message : undefined;
  const change = (set: () => void) => {
    once.renew();
    set();
  };
  const finish = async (balance: number) => {
    once.renew();
    setSum(undefined);
    setPay(undefined);
    setReceipt('');
    setConfirming(null);
    tell(t('done.purchase', { balance: text(balance) }));
    await refresh();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (body.sum_minor <= 0 || busy) return;
    setBusy(true);
    try {
      const params = { path: { id: contact.id }, header: { 'Idempotency-Key': once.key() } };
      const { data } = await fetcher.POST('/api/v1/contacts/{id}/purchases', { params, body });
      await finish(data!.available);
    } catch (problem) {
      if (needsCode(problem)) setConfirming({ kind: 'purchase', purchase: body } as Operation);
      else tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <NumberInput
        size="lg"
        autoFocus
        label={t('sum')}
        value={sum ?? ''}
        onChange={(typed) => change(() => setSum(typed === '' ? undefined : Number(typed)))}
        allowNegative={false}
        decimalScale={2}
        decimalSeparator=","
        allowedDecimalSeparators={['.', ',']}
        thousandSeparator={'\u00a0'}
        suffix={'\u00a0₽'}
        inputMode="decimal"
      />
      <div className={classes.pay}>
        <NumberInput
          size="md"
          label={t('pay')}
          description={seen && seen.most > 0 ? t('payMost', { most: text(seen.most) }) : undefined}
          value={pay ?? ''}
          onChange={(typed) => change(() => setPay(typed === '' ? undefined : Number(typed)))}
          allowNegative={false}
          allowDecimal={false}
          thousandSeparator={'\u00a0'}
          inputMode="numeric"
          error={fault}
        />
        <Button
          variant="default"
          size="md"
          disabled={!seen || seen.most <= 0}
          onClick={() => change(() => setPay(seen?.most))}
        >
          {t('payAll')}
        </Button>
      </div>
      <TextInput
        size="md"
        label={t('receipt')}
        placeholder={t('optional')}
        maxLength={100}
        value={receipt}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          change(() => setReceipt(typed));
        }}
      />
      <dl
        className={classes.quote}
        aria-label={t('quote.title')}
        aria-live="polite"
        data-old={quote.isPlaceholderData || undefined}
      >
        <div>
          <dt>{t('quote.toPay')}</dt>
          <dd className={classes.main}>{seen ? money(seen.to_pay_minor) : '—'}</dd>
        </div>
        <div>
          <dt>{t('quote.pays')}</dt>
          <dd>{seen ? text(seen.spends) : '—'}</dd>
        </div>
        <div>
          <dt>{t('quote.earns')}</dt>
          <dd data-good={(seen && seen.earns > 0) || undefined}>{seen ? `+${text(seen.earns)}` : '—'}</dd>
        </div>
        <div>
          <dt>{t('quote.after')}</dt>
          <dd>{seen ? text(seen.available_after) : '—'}</dd>
        </div>
      </dl>
      <div className={classes.buttons}>
        <Button type="submit" size="md" loading={busy} disabled={body.sum_minor <= 0 || Boolean(fault)}>
          {body.sum_minor > 0 ? t('do.purchaseSum', { sum: money(body.sum_minor) }) : t('do.purchase')}
        </Button>
        {Boolean(pay) && (
          <Button
            variant="default"
            size="md"
            disabled={Boolean(fault)}
            onClick={() => setConfirming({ kind: 'purchase', purchase: body } as Operation)}
          >
            {t('do.withCode')}
          </Button>
        )}
      </div>
      {confirming && (
        <CodeDialog
          contact={contact.id}
          operation={confirming}
          what={t('code.spends', { points: text(pay ?? 0) })}
          done={(balance) => void finish(balance)}
          close={() => setConfirming(null)}
        />
      )}
    </form>
  );
}
