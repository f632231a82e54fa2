import { language } from '../i18n';

const DAY_MS = 86_400_000;

type Moment = string | number | Date;

/** The zone of the business; that of the browser until somebody is signed in. */
let business: string | undefined;

/** People read times by the clock of this zone from now on. */
export function keepTimeOf(zone: string): void {
  business = zone;
}

/** A day without a time of its own, `2026-11-22`, is the same day everywhere. */
const zoneOf = (moment: Moment, zone = business): string | undefined =>
  typeof moment === 'string' && moment.length === 10 ? 'UTC' : zone;

/** `2026-11-22` in a zone. */
const dayOf = (moment: Moment, zone?: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(moment));

const locale = () => (language() === 'ru' ? 'ru-RU' : 'en-GB');

/** «15 106»: whole numbers, with a true minus. */
export function whole(value: number): string {
  return new Intl.NumberFormat(locale()).format(value).replace('-', '−');
}

/** «+134», «−40»: a change. */
export function signed(value: number): string {
  return value > 0 ? `+${whole(value)}` : whole(value);
}

/** «8,4 млн»: for tiles and axes. */
export function short(value: number): string {
  return new Intl.NumberFormat(locale(), { notation: 'compact', maximumFractionDigits: 1 })
    .format(value)
    .replace('-', '−');
}

/** «1,4 млн ₽» of minor units (kopecks): for tiles. */
export function shortMoney(minor: number, currency = 'RUB'): string {
  const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
  return new Intl.NumberFormat(locale(), { ...style, notation: 'compact', maximumFractionDigits: 1 })
    .format(minor / 100)
    .replace('-', '−');
}

/** «2 680 ₽» of minor units (kopecks). */
export function money(minor: number, currency = 'RUB'): string {
  const whole = minor % 100 === 0;
  const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
  return new Intl.NumberFormat(locale(), { ...options, minimumFractionDigits: whole ? 0 : 2 })
    .format(minor / 100)
    .replace('-', '−');
}

/** «18,4 %» of a share from 0 to 1. */
export function percent(share: number, digits = 1): string {
  const text = new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(
    share,
  );
  return text.replace('-', '−');
}

/** «12 мая 2026», in the zone of the business. */
export function day(instant: Moment, zone?: string): string {
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: zoneOf(instant, zone),
  }).format(new Date(instant));
}

/** «1–28 ноября 2026 г.»: from the first to the last day. */
export function days(first: Moment, last: Moment, zone?: string): string {
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: zoneOf(first, zone),
  }).formatRange(new Date(first), new Date(last));
}

/** «28 ноября». */
export function date(instant: Moment, zone?: string): string {
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'long',
    timeZone: zoneOf(instant, zone),
  }).format(new Date(instant));
}

/** «14:32». */
export function clock(instant: Moment, zone?: string): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zoneOf(instant, zone),
  }).format(new Date(instant));
}

/** «12 мая, 14:32», with the year when it is another one. */
export function moment(instant: Moment, zone?: string): string {
  const timeZone = zoneOf(instant, zone);
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    year: otherYear(dayOf(instant, timeZone), timeZone),
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(new Date(instant));
}

/** «14:32» today, «пн» this week, «12 мая», «12 мая 2024» before: for lists. */
export function recent(instant: Moment, zone?: string): string {
  const timeZone = zoneOf(instant, zone);
  const at = dayOf(instant, timeZone);
  const ago = (Date.parse(dayOf(Date.now(), timeZone)) - Date.parse(at)) / DAY_MS;
  if (ago <= 0) return clock(instant, timeZone);
  const style = ago < 7 ? ({ weekday: 'short' } as const) : ({ day: 'numeric', month: 'short' } as const);
  const year = ago < 7 ? undefined : otherYear(at, timeZone);
  return new Intl.DateTimeFormat(locale(), { ...style, year, timeZone })
    .format(new Date(instant))
    .replace(/\sг\.$/, '');
}

/** The year is said when it is not this one. */
const otherYear = (day: string, timeZone?: string): 'numeric' | undefined =>
  day.slice(0, 4) === dayOf(Date.now(), timeZone).slice(0, 4) ? undefined : 'numeric';

const STEPS: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, 'second'],
  [3600, 60, 'minute'],
  [86_400, 3600, 'hour'],
  [30 * 86_400, 86_400, 'day'],
  [365 * 86_400, 30 * 86_400, 'month'],
  [Number.POSITIVE_INFINITY, 365 * 86_400, 'year'],
];

/** «12 секунд назад», «через 3 дня». */
export function ago(instant: Moment, now = Date.now()): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
  const [, size, unit] = STEPS.find(([limit]) => Math.abs(seconds) < limit)!;
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'short' }).format(
    Math.round(seconds / size),
    unit,
  );
}

/** «2 мин», «3 ч»: how long somebody waits. */
export function span(seconds: number): string {
  const [value, unit] =
    seconds < 3600
      ? [Math.max(1, Math.floor(seconds / 60)), 'minute']
      : seconds < 86_400
        ? [Math.floor(seconds / 3600), 'hour']
        : [Math.floor(seconds / 86_400), 'day'];
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: unit as string,
    unitDisplay: 'short',
  }).format(value as number);
}

/** Two letters for a person without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]![0], words[1]![0]] : [...(words[0] ?? '?')].slice(0, 2);
  return letters.join('').toLocaleUpperCase();
}

/** «+7 916 123-45-67»; a number of another country, or a masked one, as it is. */
export function phone(number: string): string {
  const parts = /^\+7(\d{3})(\d{3})(\d\d)(\d\d)$/.exec(number);
  return parts ? `+7 ${parts[1]} ${parts[2]}-${parts[3]}-${parts[4]}` : number;
}
