import { Button } from '@mantine/core';
import { IconDeviceTv, IconGift, IconTicket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { type Draw, useMoment, useNow } from './parts';
import classes from './Tray.module.css';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of many prizes so many are named. */
const NAMED = 6;

/** A draw as it is looked forward to: when, how long until then, what can be won. */
export function Tray({ draw, title, children }: { draw: Draw; title: ReactNode; children?: ReactNode }) {
  const t = useWords('draws');
  const at = useMoment();
  const waits = draw.state === 'planned' || draw.state === 'freezing' || draw.state === 'frozen';
  return (
    <section className={classes.tray}>
      <p className={classes.when}>{at(draw.drawn_at ?? draw.planned_at)}</p>
      <h2>{title}</h2>
      {waits && <Countdown until={draw.planned_at} />}
      <ul className={classes.lines}>
        {draw.prizes.slice(0, NAMED).map((prize) => (
          <li key={prize.name}>
            <IconGift size={16} aria-hidden />
            <span>{prize.name}</span>
            <b>{whole(prize.count)}</b>
          </li>
        ))}
        {draw.prizes.length > NAMED && (
          <li className={classes.more}>{t('tray.more', { count: draw.prizes.length - NAMED })}</li>
        )}
        {draw.announced && (
          <li>
            <IconTicket size={16} aria-hidden />
            <span>{t('facts.tickets')}</span>
            <b>{whole(draw.tickets)}</b>
          </li>
        )}
      </ul>
      <div className={classes.actions}>
        <Button
          className={classes.brass}
          component={Link}
          to={`/promotions/${draw.promotion}/draws/${draw.id}/live`}
          target="_blank"
          leftSection={<IconDeviceTv size={17} />}
        >
          {waits ? t('tray.rehearse') : t('tray.live')}
        </Button>
        {children}
      </div>
    </section>
  );
}

/** Days, hours and minutes; on the last day the seconds, too. Nothing once the moment is there. */
function Countdown({ until }: { until: string }) {
  const t = useWords('draws');
  const left = Math.ceil((Date.parse(until) - useNow()) / 1000);
  if (left <= 0) return null;
  const parts = [
    ['days', Math.floor(left / DAY)],
    ['hours', Math.floor(left / HOUR) % 24],
    ['minutes', Math.floor(left / MINUTE) % 60],
    ['seconds', left % 60],
  ] as const;
  const shown = left >= DAY ? parts.slice(0, 3) : parts.slice(1);
  return (
    <div role="timer">
      <ul className={classes.countdown}>
        {shown.map(([name, count]) => (
          <li key={name}>
            <b>{String(count).padStart(2, '0')}</b>
            <span>{t(`tray.${name}`, { count })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
