// The Mini App: a customer's card, what can be had for points, orders and history.
import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import {
  type Face,
  type Offer,
  type Order,
  Refused,
  face as readFace,
  offers as readOffers,
  orders as readOrders,
} from './api';
import { Card } from './Card';
import { Icon, type IconName, Logo } from './icons';
import { History, Orders } from './Lists';
import { Rewards, Sheet } from './Rewards';
import { firstTheme, hear, schemeOf, tell } from './telegram';
import { Speech, type Words } from './words';

type Tab = keyof Words['tabs'];
const TABS: [Tab, IconName][] = [
  ['card', 'card'],
  ['rewards', 'rewards'],
  ['orders', 'orders'],
  ['history', 'history'],
];
/** What changes elsewhere is seen within so long. */
const AGAIN_MS = 20_000;
const FIRST: 'ru' | 'en' = navigator.language.startsWith('en') ? 'en' : 'ru';

interface Data {
  face: Face;
  offers: Offer[];
  orders: Order[];
}

function App() {
  const [data, show] = useState<Data | null>(null);
  const [failure, fail] = useState<unknown>(null);
  const [tab, turn] = useState<Tab>('card');
  const [opened, open] = useState<Offer | null>(null);

  const load = useCallback(async () => {
    try {
      const face = await readFace();
      const known = face.name !== undefined;
      const [offers, orders] = known ? await Promise.all([readOffers(), readOrders()]) : [[], []];
      show({ face, offers, orders });
      fail(null);
    } catch (error) {
      fail(error);
    }
  }, []);

  useEffect(() => {
    load();
    tell('web_app_ready');
    tell('web_app_expand');
  }, [load]);
  // Codes that turn are read when the next one is due; everything else now and then, while somebody looks.
  useEffect(() => {
    const nextAt = data?.face.card?.next_at;
    const due = nextAt ? Math.max(500, Date.parse(nextAt) - Date.now() + 200) : AGAIN_MS;
    const timer = setTimeout(() => document.hidden || load(), Math.min(due, AGAIN_MS));
    const seen = () => document.hidden || load();
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [load, data]);
  // Telegram's own way back leads to the card first.
  useEffect(() => {
    tell('web_app_setup_back_button', { is_visible: tab !== 'card' || opened !== null });
    return hear('back_button_pressed', () => (opened ? open(null) : turn('card')));
  }, [tab, opened]);

  const face = data?.face;
  const speech = new Speech(face?.locale ?? FIRST, face?.zone ?? 'UTC', face?.units ?? ['', '', '']);
  const { words } = speech;
  useEffect(() => {
    document.documentElement.lang = speech.locale;
    document.title = face?.business ?? words.tabs.card;
  }, [speech.locale, face?.business, words]);

  if (!data || !face)
    return failure ? <Failure error={failure} words={words} again={load} /> : <Skeleton words={words} />;
  if (face.name === undefined) return <Stranger face={face} words={words} />;
  const { offers, orders } = data;
  const within = offers.filter((offer) => offer.points <= face.available && offer.stock !== 0).length;
  const waiting = orders.filter((order) => order.state === 'open').length;
  return (
    <>
      <Head business={face.business} />
      <main>
        {failure !== null && (
          <p class="notice" role="status">
            {words.failed}
          </p>
        )}
        {tab === 'card' && (
          <>
            <Card face={face} speech={speech} />
            <div class="tiles">
              <button type="button" onClick={() => turn('rewards')}>
                <b>{words.tabs.rewards}</b>
                <span>{words.rewardsTile(within)}</span>
              </button>
              <button type="button" onClick={() => turn('orders')}>
                <b>{words.tabs.orders}</b>
                <span>
                  {face.held > 0 ? words.held(speech.points(face.held)) : words.ordersTile(waiting)}
                </span>
              </button>
            </div>
            {face.debt > 0 && <p class="notice">{words.debt(speech.points(face.debt))}</p>}
            {face.ending.length > 0 && (
              <>
                <h2>{words.endingTitle}</h2>
                <ul class="rows">
                  {face.ending.slice(0, 4).map((ending) => (
                    <li key={ending.on}>
                      <b class="main">{speech.points(ending.points)}</b>
                      <span class="muted">{words.until(speech.day(ending.on))}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
            <h2>{words.tabs.rewards}</h2>
            <Rewards offers={offers} available={face.available} speech={speech} most={4} open={open} />
          </>
        )}
        {tab !== 'card' && <h2>{words.tabs[tab]}</h2>}
        {tab === 'rewards' && (
          <Rewards offers={offers} available={face.available} speech={speech} open={open} />
        )}
        {tab === 'orders' && <Orders orders={orders} speech={speech} />}
        {tab === 'history' && <History speech={speech} fail={fail} />}
      </main>
      <nav>
        {TABS.map(([name, icon]) => (
          <button
            key={name}
            type="button"
            aria-current={name === tab ? 'page' : undefined}
            onClick={() => turn(name)}
          >
            <Icon name={icon} />
            {words.tabs[name]}
          </button>
        ))}
      </nav>
      {opened && (
        <Sheet
          key={opened.key}
          offer={opened}
          at={offers.findIndex((offer) => offer.key === opened.key)}
          available={face.available}
          speech={speech}
          close={() => open(null)}
          ordered={load}
          toOrders={() => {
            open(null);
            turn('orders');
          }}
        />
      )}
    </>
  );
}

function Head({ business }: { business: string }) {
  return (
    <header>
      <Logo />
      <h1>{business}</h1>
    </header>
  );
}

/** The shape of what is coming. */
function Skeleton({ words }: { words: Words }) {
  return (
    <main role="status" aria-label={words.loading}>
      <div class="skeleton line" />
      <div class="skeleton face" />
      <div class="tiles">
        <div class="skeleton tile" />
        <div class="skeleton tile" />
      </div>
    </main>
  );
}

function Stranger({ face, words }: { face: Face; words: Words }) {
  return (
    <main class="alone">
      <Logo />
      <h1>{words.stranger(face.business)}</h1>
      <p>{words.strangerMore}</p>
      {face.link && (
        <a class="primary" href={face.link} onClick={() => tell('web_app_close')}>
          {words.toChat}
        </a>
      )}
    </main>
  );
}

function Failure({ error, words, again }: { error: unknown; words: Words; again(): void }) {
  const outside = error instanceof Refused && error.code === 'outside';
  const told =
    error instanceof Refused && error.message ? error.message : outside ? words.outside : words.failed;
  return (
    <main class="alone">
      <Logo />
      <h1>{words.tabs.card}</h1>
      <p role="alert">{told}</p>
      {!outside && (
        <button type="button" class="primary" onClick={again}>
          {words.again}
        </button>
      )}
    </main>
  );
}

function dress(theme: unknown): void {
  const scheme = schemeOf(theme);
  if (scheme) document.documentElement.dataset.scheme = scheme;
}

dress(firstTheme());
hear('theme_changed', (data) => dress((data as { theme_params?: unknown } | null)?.theme_params));
render(<App />, document.getElementById('root') as HTMLElement);
