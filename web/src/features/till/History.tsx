import { Button, Modal, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { moment, money, signed, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { useOnce, useRefresh } from './Desk';
import classes from './Till.module.css';

type Purchase = components['schemas']['Purchase'];
const PAGE = 15;

/** What moved, and what was bought. */
export function History({ contact }: { contact: string }) {
  const t = useWords('till');
  const [shown, setShown] = useState<'history' | 'purchases'>('history');
  return (
    <Card
      title={
        <SegmentedControl
          size="xs"
          value={shown}
          onChange={(one) => setShown(one as typeof shown)}
          aria-label={t('history')}
          data={[
            { value: 'history', label: t('history') },
            { value: 'purchases', label: t('purchases') },
          ]}
        />
      }
    >
      {shown === 'history' ? <Movements contact={contact} /> : <Purchases contact={contact} />}
    </Card>
  );
}

type Pages<T> = { items: T[]; next?: string | null };
const all = <T,>(data: InfiniteData<Pages<T>> | undefined) => data?.pages.flatMap((page) => page.items) ?? [];

function Movements({ contact }: { contact: string }) {
  const t = useWords('till');
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/contacts/{id}/wallet/history', contact],
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { id: contact }, query: { limit: PAGE, after: pageParam } };
      return (await fetcher.GET('/api/v1/contacts/{id}/wallet/history', { params, signal })).data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (list.error) return <ErrorNote problem={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <RowsSkeleton rows={5} />;
  const moves = all(list.data);
  if (moves.length === 0) return <EmptyState title={t('noHistory')} />;
  return (
    <>
      <ul className={classes.moves}>
        {moves.map((move) => (
          <li key={move.id}>
            <span className={classes.what}>
              <span>{move.note ?? t(`kind.${move.kind}`, { defaultValue: t('kind.other') })}</span>
              <time dateTime={move.at}>{moment(move.at)}</time>
            </span>
            <span className={classes.points} data-good={move.points > 0 || undefined}>
              {move.points === 0 ? '—' : signed(move.points)}
            </span>
          </li>
        ))}
      </ul>
      <More list={list} />
    </>
  );
}

function More({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  const t = useWords('till');
  if (!list.hasNextPage) return null;
  return (
    <Button
      variant="subtle"
      fullWidth
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {t('do.showMore', { ns: 'common' })}
    </Button>
  );
}

function Purchases({ contact }: { contact: string }) {
  const t = useWords('till');
  const may = useMay('points_write');
  const [refunded, setRefunded] = useState<Purchase | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/contacts/{id}/purchases', contact],
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { id: contact }, query: { limit: PAGE, after: pageParam } };
      return (await fetcher.GET('/api/v1/contacts/{id}/purchases', { params, signal })).data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (list.error) return <ErrorNote problem={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <RowsSkeleton rows={5} />;
  const bought = all(list.data);
  if (bought.length === 0) return <EmptyState title={t('noPurchases')} />;
  return (
    <>
      <ul className={classes.moves}>
        {bought.map((one) => {
          const notes = [
            moment(one.at),
            one.receipt && t('purchase.receipt', { number: one.receipt }),
            one.spent > 0 && t('purchase.spent', { n: whole(one.spent) }),
            one.earned > 0 && t('purchase.earned', { n: whole(one.earned) }),
            one.refunded_minor > 0 && t('purchase.refunded', { sum: money(one.refunded_minor) }),
          ];
          const left = one.sum_minor - one.refunded_minor;
          return (
            <li key={one.id}>
              <span className={classes.what}>
                <span className={classes.sum}>{money(one.sum_minor)}</span>
                <span>{notes.filter(Boolean).join(' · ')}</span>
              </span>
              {left === 0 && <Chip>{t('purchase.all')}</Chip>}
              {left > 0 && may && (
                <Button variant="default" size="compact-sm" onClick={() => setRefunded(one)}>
                  {t('do.refund')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <More list={list} />
      {refunded && <RefundDialog purchase={refunded} close={() => setRefunded(null)} />}
    </>
  );
}

function RefundDialog({ purchase, close }: { purchase: Purchase; close: () => void }) {
  const t = useWords('till');
  const once = useOnce();
  const refresh = useRefresh(purchase.contact_id);
  const left = purchase.sum_minor - purchase.refunded_minor;
  const [sum, setSum] = useState<number | undefined>(left / 100);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const minor = Math.round((sum ?? 0) * 100);
  const refund = async () => {
    setBusy(true);
    try {
      const { data } = await fetcher.POST('/api/v1/purchases/{id}/refunds', {
        params: { path: { id: purchase.id }, header: { 'Idempotency-Key': once.key() } },
        body: { sum_minor: minor, note: note.trim() || undefined },
      });
      tell(t('done.refund', { money: money(data!.money_back_minor) }));
      close();
      await refresh();
    } catch (problem) {
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title={t('refund.title')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void refund();
        }}
      >
        <NumberInput
          data-autofocus
          label={t('refund.sum')}
          description={t('refund.hint', { sum: money(left) })}
          value={sum ?? ''}
          onChange={(typed) => {
            once.renew();
            setSum(typed === '' ? undefined : Number(typed));
          }}
          max={left / 100}
          decimalScale={2}
          decimalSeparator=","
          thousandSeparator={'\u00a0'}
          suffix={'\u00a0₽'}
        />
        <TextInput
          label={t('refund.note')}
          value={note}
          maxLength={500}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button type="submit" color="cranberry" loading={busy} disabled={minor <= 0 || minor > left}>
          {t('do.refundSum', { sum: money(minor) })}
        </Button>
      </form>
    </Modal>
  );
}
