import dayjs from 'dayjs';
import { language, useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { Cell } from '../../ui/Page';
import { AfterMoment, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Numbers.module.css';

type Query = { error: unknown; refetch: () => unknown };

/** What stands in place of numbers that have not come. */
export function Waiting({ query }: { query: Query }) {
  if (query.error) {
    return (
      <Card>
        <ErrorNote problem={query.error} retry={() => void query.refetch()} />
      </Card>
    );
  }
  return (
    <AfterMoment>
      <RowsSkeleton rows={1} height={110} />
      <Cell span={7}>
        <RowsSkeleton rows={5} height={64} />
      </Cell>
      <Cell span={5}>
        <RowsSkeleton rows={5} height={64} />
      </Cell>
    </AfterMoment>
  );
}

/** Says how much is not in the numbers yet, while something is not. */
export function Behind({ counted }: { counted: { counted: number; tickets: number } }) {
  const t = useWords('promoNumbers');
  if (counted.counted >= counted.tickets) return null;
  return (
    <p className={classes.behind} role="status">
      {t('counted', { counted: whole(counted.counted), tickets: whole(counted.tickets) })}
    </p>
  );
}

/** How often numbers of tickets are read again: soon while some are not counted. */
export const again = (counted?: { counted: number; tickets: number }) =>
  counted && counted.counted < counted.tickets ? 3_000 : 60_000;

/** «21 ноя». */
export function shortDay(day: string): string {
  const format = new Intl.DateTimeFormat(language() === 'ru' ? 'ru-RU' : 'en-GB', {
    day: 'numeric',
    month: 'short',
  });
  return format.format(dayjs(day).toDate()).replace('.', '');
}

/** A name with a bar under it, and numbers at the right. */
export function Bars({
  columns,
  rows,
  label,
}: {
  columns: string[];
  rows: { key: string; name: string; hint?: string; share: number; cells: string[] }[];
  label: string;
}) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.bars}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">
                <span className={classes.name} title={row.name}>
                  {row.name}
                </span>
                {row.hint && <small>{row.hint}</small>}
                <span className={classes.track}>
                  <span style={{ width: `${Math.max(row.share * 100, 0.5)}%` }} />
                </span>
              </th>
              {row.cells.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
