import { useEffect, useState } from 'preact/hooks';
import { type Entry, history, type Order } from './api';
import type { Speech } from './words';

export function Orders({ orders, speech }: { orders: Order[]; speech: Speech }) {
  const { words } = speech;
  if (orders.length === 0) return <p class="empty">{words.noOrders}</p>;
  return (
    <ul class="rows">
      {orders.map((order) => (
        <li key={order.id}>
          <span class="main">
            <b>{order.title}</b>
            <small>
              {speech.moment(order.at)} · {speech.points(order.points)}
            </small>
          </span>
          <span class={`chip ${order.state}`}>{order.stage || words.states[order.state]}</span>
        </li>
      ))}
    </ul>
  );
}

export function History({ speech, fail }: { speech: Speech; fail(error: unknown): void }) {
  const { words } = speech;
  const [read, show] = useState<{ items: Entry[]; more: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  const load = async (skip: number) => {
    setBusy(true);
    try {
      const page = await history(skip);
      show((known) => ({
        items: [...(skip > 0 ? (known?.items ?? []) : []), ...page.items],
        more: page.more,
      }));
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once, when it is opened
  useEffect(() => {
    load(0);
  }, []);
  if (!read) return <div class="skeleton tall" role="status" aria-label={words.loading} />;
  if (read.items.length === 0) return <p class="empty">{words.noHistory}</p>;
  return (
    <>
      <ul class="rows">
        {read.items.map((entry) => (
          <li key={entry.id}>
            <span class="main">
              <b>{entry.title}</b>
              <small>{speech.moment(entry.at)}</small>
            </span>
            <span class={`sum ${entry.points > 0 ? 'plus' : ''}`}>
              {entry.points > 0 ? '+' : ''}
              {speech.number(entry.points)}
            </span>
          </li>
        ))}
      </ul>
      {read.more && (
        <button type="button" class="plain" disabled={busy} onClick={() => load(read.items.length)}>
          {words.more}
        </button>
      )}
    </>
  );
}
