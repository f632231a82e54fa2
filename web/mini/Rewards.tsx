// What can be had for points, and the order of it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Offer, order, pictureOf, Refused } from './api';
import { Icon } from './icons';
import type { Speech } from './words';

interface Props {
  offers: Offer[];
  available: number;
  speech: Speech;
  /** Only so many, where it is a part of another screen. */
  most?: number;
  open(offer: Offer): void;
}

export function Rewards({ offers, available, speech, most, open }: Props) {
  const { words } = speech;
  const [within, only] = useState(false);
  const shown = offers.filter((offer) => !within || offer.points <= available).slice(0, most);
  if (offers.length === 0) return <p class="empty">{words.noRewards}</p>;
  return (
    <>
      <div class="chips">
        <button type="button" aria-pressed={!within} onClick={() => only(false)}>
          {words.all}
        </button>
        <button type="button" aria-pressed={within} onClick={() => only(true)}>
          {words.affordable}
        </button>
      </div>
      {shown.length === 0 && <p class="empty">{words.nothingFits}</p>}
      <ul class="offers">
        {shown.map((offer) => (
          <li key={offer.key}>
            <button type="button" class="offer" onClick={() => open(offer)}>
              <Picture offer={offer} at={offers.indexOf(offer)} />
              <span class="name">{offer.name}</span>
              <span class={`price ${offer.points > available ? 'far' : ''}`}>
                {offer.stock === 0 ? words.soldOut : speech.points(offer.points)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Picture({ offer, at }: { offer: Offer; at: number }) {
  return (
    <span class={`picture tint${at % 4}`}>
      {offer.picture ? <img src={pictureOf(offer)} alt="" loading="lazy" /> : <Icon name="gift" />}
    </span>
  );
}

interface SheetProps {
  offer: Offer;
  at: number;
  available: number;
  speech: Speech;
  close(): void;
  /** Something was ordered: the balance is another one. */
  ordered(): void;
  toOrders(): void;
}

export function Sheet({ offer, at, available, speech, close, ordered, toOrders }: SheetProps) {
  const { words } = speech;
  const box = useRef<HTMLDialogElement>(null);
  const [state, go] = useState<{ busy?: boolean; done?: boolean; trouble?: string }>({});
  // The same order may be asked for again when its answer was lost: it counts once.
  const once = useRef(newId());
  useEffect(() => box.current?.showModal(), []);
  const missing = offer.points - available;
  const send = async () => {
    go({ busy: true });
    try {
      await order(offer.key, once.current);
      go({ done: true });
      ordered();
    } catch (error) {
      go({ trouble: error instanceof Refused && error.message ? error.message : words.failed });
    }
  };
  return (
    <dialog
      class="sheet"
      ref={box}
      aria-labelledby="offer"
      onClose={close}
      onClick={(event) => event.target === box.current && box.current?.close()}
    >
      <div>
        {state.done ? (
          <span class="seal">
            <Icon name="done" />
          </span>
        ) : (
          <Picture offer={offer} at={at} />
        )}
        <h2 id="offer">{state.done ? words.ordered : offer.name}</h2>
        <div role="status">
          {state.done && <p>{words.orderedMore(speech.points(offer.points))}</p>}
          {state.trouble && <p class="trouble">{state.trouble}</p>}
        </div>
        {!state.done && offer.description && <p>{offer.description}</p>}
        {!state.done && offer.stock !== undefined && offer.stock > 0 && (
          <p class="muted">{words.left(offer.stock)}</p>
        )}
        {state.done ? (
          <button type="button" class="primary" onClick={toOrders}>
            {words.toOrders}
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={state.busy || missing > 0 || offer.stock === 0}
            onClick={send}
          >
            {offer.stock === 0
              ? words.soldOut
              : missing > 0
                ? words.missing(speech.points(missing))
                : words.order(speech.points(offer.points))}
          </button>
        )}
        <button type="button" class="plain" onClick={() => box.current?.close()}>
          {words.close}
        </button>
      </div>
    </dialog>
  );
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
