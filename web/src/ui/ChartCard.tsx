import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useWords } from '../i18n';
import { Card } from './Card';
import classes from './ChartCard.module.css';

type ChartCardProps = {
  /** What it says. */
  title: string;
  /** Why it moved, or how it is counted. */
  subtitle?: string;
  /** The same as the picture, in words. */
  text: string;
  legend?: { label: string; color: string }[];
  /** The same as the picture, as a table. */
  table: { columns: string[]; rows: (string | number)[][] };
  height?: number;
  aside?: ReactNode;
  children: ReactNode;
};

/** A chart with words for it, and its numbers behind «Списком». At most three series. */
export function ChartCard({
  title,
  subtitle,
  text,
  legend,
  table,
  height = 240,
  aside,
  children,
}: ChartCardProps) {
  const t = useWords();
  const [asTable, setAsTable] = useState(false);
  const turn = (
    <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setAsTable(!asTable)}>
      {asTable ? t('do.asChart') : t('do.asTable')}
    </Button>
  );
  return (
    <Card
      title={title}
      subtitle={subtitle}
      aside={
        <div className={classes.aside}>
          {aside}
          {turn}
        </div>
      }
    >
      {legend && !asTable && (
        <ul className={classes.legend}>
          {legend.map((one) => (
            <li key={one.label}>
              <span style={{ background: one.color }} aria-hidden />
              {one.label}
            </li>
          ))}
        </ul>
      )}
      {asTable ? (
        <Numbers table={table} height={height} title={title} />
      ) : (
        <div role="img" aria-label={text} style={{ height }} className={classes.chart}>
          {children}
        </div>
      )}
    </Card>
  );
}

function Numbers({
  table,
  height,
  title,
}: {
  table: ChartCardProps['table'];
  height: number;
  title: string;
}) {
  return (
    <section
      className={classes.numbers}
      style={{ maxHeight: Math.max(height, 200) }}
      tabIndex={0}
      aria-label={title}
    >
      <table>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={String(row[0])}>
              {row.map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                <td key={at}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
