import { IconArrowLeft, IconArrowRight, IconMaximize, IconRefresh, IconX } from '@tabler/icons-react';
import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Say, useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { Digits } from './Digits';
import classes from './Live.module.css';
import { digits, type Picture, pictures, type Show, told, valueSaid } from './model';

/** Signs of the fingerprint that stand under every picture. */
const PRINTED = 16;

type Props = { show: Show; leave: () => void; rehearse: () => void };

/** The show itself: everything it needs is in memory. */
export function Stage({ show, leave, rehearse }: Props) {
  const t = useWords('draw-live');
  const all = useMemo(() => pictures(show), [show]);
  const [at, setAt] = useState(0);
  const [settled, setSettled] = useState(false);
  const [rested, setRested] = useState(false);
  const stage = useRef<HTMLDivElement>(null);
  const picture = all[at] ?? all[0];

  const go = useCallback(
    (to: number) => {
      setRested(false);
      setSettled(false);
      setAt(Math.max(0, Math.min(all.length - 1, to)));
    },
    [all.length],
  );
  const next = useCallback(() => {
    // While digits roll, the first press brings them to rest.
    if (picture?.kind === 'winner' && !rested) setSettled(true);
    else go(at + 1);
  }, [picture, rested, at, go]);
  const done = useCallback(() => setRested(true), []);
  const full = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void stage.current?.requestFullscreen?.().catch(() => undefined);
  }, []);

  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const doings: Record<string, () => void> = {
        Space: next,
        Enter: next,
        ArrowRight: next,
        ArrowDown: next,
        PageDown: next,
        ArrowLeft: () => go(at - 1),
        ArrowUp: () => go(at - 1),
        PageUp: () => go(at - 1),
        Home: () => go(0),
        End: () => go(all.length - 1),
        KeyF: full,
        KeyR: rehearse,
        Escape: leave,
      };
      const doing = doings[event.code];
      // A focused button hears its own space and enter.
      const own = event.target instanceof HTMLButtonElement && ['Space', 'Enter'].includes(event.code);
      if (!doing || own) return;
      event.preventDefault();
      doing();
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, [next, go, at, all.length, full, rehearse, leave]);

  if (!picture) return null;
  return (
    <div className={classes.stage} ref={stage} data-rehearsal={show.rehearsal || undefined}>
      {show.rehearsal && <p className={classes.ribbon}>{t('rehearsal')}</p>}
      <main className={classes.picture} key={at} aria-live="polite" data-won={rested || undefined}>
        <Shown picture={picture} show={show} settled={settled} rested={rested} done={done} />
      </main>
      {picture.kind !== 'announced' && picture.kind !== 'end' && (
        <p className={classes.print}>
          {t('print')} <code>{show.protocol.announced.slice(0, PRINTED)}…</code>
        </p>
      )}
      <nav className={classes.bar} aria-label={t('screen')} title={t('keys')}>
        <button type="button" onClick={() => go(at - 1)} disabled={at === 0} aria-label={t('back')}>
          <IconArrowLeft />
        </button>
        <span className={classes.place}>
          {at + 1} / {all.length}
        </span>
        <button type="button" onClick={next} disabled={at === all.length - 1} aria-label={t('next')}>
          <IconArrowRight />
        </button>
        <button type="button" onClick={() => go(0)} aria-label={t('again')}>
          <IconRefresh />
        </button>
        <button type="button" onClick={full} aria-label={t('full')}>
          <IconMaximize />
        </button>
        <button type="button" onClick={leave} aria-label={t('leave')}>
          <IconX />
        </button>
      </nav>
    </div>
  );
}

type ShownProps = { picture: Picture; show: Show; settled: boolean; rested: boolean; done: () => void };

function Shown({ picture, show, settled, rested, done }: ShownProps) {
  const t = useWords('draw-live');
  const { protocol } = show;
  switch (picture.kind) {
    case 'title':
      return (
        <>
          <p className={classes.over}>{show.company}</p>
          <h1 className={classes.title}>{show.title}</h1>
          <p className={classes.say}>{t('tickets', { count: show.tickets, shown: whole(show.tickets) })}</p>
          <h2 className={classes.small}>{t('prizes')}</h2>
          <ul className={classes.prizes}>
            {show.prizes.slice(0, 6).map((prize) => (
              <li key={prize.name}>
                <span>{prize.name}</span>
                <span className={classes.count}>
                  {t('pieces', { count: prize.count, shown: prize.count })}
                </span>
              </li>
            ))}
          </ul>
        </>
      );
    case 'announced':
      return (
        <>
          <h1 className={classes.heading}>{t('announced')}</h1>
          <p className={classes.hash}>{protocol.announced}</p>
          <p className={classes.say}>{t('announcedHint')}</p>
        </>
      );
    case 'randomness':
      return (
        <>
          <h1 className={classes.heading}>{t('randomness')}</h1>
          <p className={classes.over}>{sourceOf(protocol.randomness.kind, protocol.announcement, t)}</p>
          <p className={classes.hash}>{valueSaid(protocol.randomness)}</p>
          <p className={classes.say}>{t(TRUST[protocol.randomness.kind] ?? 'nobodyKnew')}</p>
          <h2 className={classes.small}>{t('seed')}</h2>
          <p className={classes.seed}>{protocol.seed}</p>
        </>
      );
    case 'prize':
      return (
        <>
          <h1 className={classes.title}>{nameOf(show, picture.prize)}</h1>
          <p className={classes.over}>{t('pieces', { count: show.prizes[picture.prize - 1]?.count ?? 1 })}</p>
        </>
      );
    case 'winner':
      return (
        <>
          <p className={classes.over}>{nameOf(show, picture.prize)}</p>
          <h1 className={classes.small}>
            {t('winner')}
            {picture.of > 1 && ` · ${t('page', { page: picture.at, pages: picture.of })}`}
          </h1>
          <Digits value={digits(picture.won.number, show.tickets)} settled={settled} done={done} />
          <p className={classes.name} data-shown={rested || undefined}>
            {rested ? picture.won.name : '\u00a0'}
          </p>
        </>
      );
    case 'winners':
      return (
        <>
          <p className={classes.over}>{nameOf(show, picture.prize)}</p>
          <h1 className={classes.small}>
            {t('winners')}
            {picture.pages > 1 && ` · ${t('page', { page: picture.page, pages: picture.pages })}`}
          </h1>
          <ol className={classes.winners}>
            {picture.won.map((one, nth) => (
              <li key={one.number} style={{ '--at': nth } as CSSProperties}>
                <span className={classes.number}>{digits(one.number, show.tickets)}</span>
                <span>{one.name}</span>
              </li>
            ))}
          </ol>
        </>
      );
    case 'end':
      return (
        <>
          <h1 className={classes.title}>{protocol.winners.length > 0 ? t('end') : t('nobody')}</h1>
          <h2 className={classes.small}>{t('check')}</h2>
          <p className={classes.say}>{t('checkHint')}</p>
          <p className={classes.seed}>{protocol.announced}</p>
        </>
      );
  }
}

/** Why the number is to be trusted, where it is not that nobody could know it. */
const TRUST: Record<string, string> = { reveal: 'notSwapped', test: 'madeUp' };

const nameOf = (show: Show, prize: number): string => show.prizes[prize - 1]?.name ?? '';

function sourceOf(kind: string, announcement: string, t: Say): string {
  const [, first = '', ...rest] = told(announcement, 'source').split(' ');
  switch (kind) {
    case 'drand':
      return t('drand', { round: rest[0] });
    case 'block':
      return t('block', { network: first, height: rest[0] });
    case 'figure':
      return t('figure', { what: rest.join(' ') });
    case 'reveal':
      return t('reveal');
    default:
      return t('test');
  }
}
