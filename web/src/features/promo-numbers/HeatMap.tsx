import { useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { ChartCard } from '../../ui/ChartCard';
import { EmptyState } from '../../ui/States';
import classes from './Numbers.module.css';

type Hour = { weekday: number; hour: number; receipts: number };

const DAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** How strong the colour of a share is: the smallest one is still seen. */
export const heat = (share: number): string =>
  share <= 0 ? 'var(--sv-sunken)' : `rgb(var(--sv-heat) / ${(0.12 + 0.83 * share).toFixed(2)})`;

/** Letters on a tile are turned light above this. */
export const isHot = (share: number): boolean => share > 0.6;

/** Receipts by weekday and hour of the till. */
export function HeatMap({ hours }: { hours: Hour[] }) {
  const t = useWords('promoNumbers');
  const at = new Map(hours.map((one) => [`${one.weekday}-${one.hour}`, one.receipts]));
  const top = hours.reduce<Hour | undefined>(
    (most, one) => (most && most.receipts >= one.receipts ? most : one),
    undefined,
  );
  const text = top
    ? t('hours.text', { day: t(`hours.long.${top.weekday}`), hour: top.hour })
    : t('hours.empty');
  return (
    <ChartCard
      title={t('hours.title')}
      subtitle={top ? text : t('hours.subtitle')}
      text={text}
      height={236}
      table={{
        columns: [t('hours.day'), t('hours.hour'), t('hours.receipts')],
        rows: [...hours]
          .sort((one, other) => one.weekday - other.weekday || one.hour - other.hour)
          .map((one) => [t(`hours.long.${one.weekday}`), `${one.hour}:00`, whole(one.receipts)]),
      }}
    >
      {top ? (
        <div className={classes.heat}>
          {DAYS.map((day) => (
            <div key={day} className={classes.heatDay}>
              <span>{t(`hours.short.${day}`)}</span>
              {HOURS.map((hour) => {
                const receipts = at.get(`${day}-${hour}`) ?? 0;
                return (
                  <i
                    key={hour}
                    style={{ background: heat(receipts / top.receipts) }}
                    title={`${t(`hours.long.${day}`)}, ${hour}:00 — ${whole(receipts)}`}
                  />
                );
              })}
            </div>
          ))}
          <div className={classes.heatDay} aria-hidden>
            <span />
            {HOURS.map((hour) => (
              <em key={hour}>{hour % 3 === 0 ? hour : ''}</em>
            ))}
          </div>
        </div>
      ) : (
        <EmptyState title={t('hours.empty')} />
      )}
    </ChartCard>
  );
}
