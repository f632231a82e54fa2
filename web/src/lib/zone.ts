const MINUTE_MS = 60_000;

/** `2026-11-22T18:01`: a moment by the clock of a zone, as a field of date and time wants it. */
export function localOf(instant: string | number | Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(instant));
  return parts.replace(' ', 'T');
}

/** The moment at which the clock of a zone shows `2026-11-22T18:01`. */
export function instantOf(local: string, zone: string): string {
  const shown = Date.parse(`${local.slice(0, 16)}Z`);
  const offset = (at: number) => Date.parse(`${localOf(at, zone)}Z`) - Math.floor(at / MINUTE_MS) * MINUTE_MS;
  // The second look stands on the right side of a change of clocks.
  const near = shown - offset(shown);
  return new Date(shown - offset(near)).toISOString();
}

/** The last minute before an end that is the first moment too late: «по 28 ноября, 23:59». */
export const lastMinute = (end: string | number | Date): Date =>
  new Date(new Date(end).getTime() - MINUTE_MS);

/** The end whose last minute this is. */
export const endAfter = (minute: string | number | Date): string =>
  new Date(new Date(minute).getTime() + MINUTE_MS).toISOString();
