import type { components } from '../../api/schema';
import { type Say, useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { EmptyState } from '../../ui/States';
import classes from './Reports.module.css';

type Line = components['schemas']['FlowLine'];
type Total = { key: string; label: string; came: number; went: number; operations: number };

function summed(lines: Line[], key: (line: Line) => string, label: (line: Line) => string): Total[] {
  const totals = new Map<string, Total>();
  for (const line of lines) {
    const of = key(line);
    const total = totals.get(of) ?? { key: of, label: label(line), came: 0, went: 0, operations: 0 };
    total.came += line.came;
    total.went += line.went;
    total.operations += line.operations;
    totals.set(of, total);
  }
  return [...totals.values()].sort((one, other) => other.came + other.went - one.came - one.went);
}

/** Sums by kind of operation. */
export const byKind = (lines: Line[], t: Say) =>
  summed(
    lines,
    (line) => line.kind,
    (line) => {
      const said = t(`kind.${line.kind}`);
      return said === `kind.${line.kind}` ? line.kind : said;
    },
  );

/** Sums by who did it. */
export const byWho = (lines: Line[], t: Say) =>
  summed(
    lines,
    (line) => line.who,
    (line) => {
      const said = t(`who.${line.who}`);
      return line.name ?? (said === `who.${line.who}` ? line.who : said);
    },
  );

/** A table with bars: what came and went, the largest first. */
export function Totals({
  title,
  subtitle,
  name,
  totals,
}: {
  title: string;
  subtitle: string;
  name: string;
  totals: Total[];
}) {
  const t = useWords('reports');
  const most = Math.max(1, ...totals.map((one) => Math.max(one.came, one.went)));
  const empty = totals.length === 0;
  return (
    <Card title={title} subtitle={subtitle}>
      {empty ? (
        <EmptyState title={t('sources.empty')} />
      ) : (
        <table className={classes.totals}>
          <thead>
            <tr>
              <th scope="col">{name}</th>
              <th scope="col">{t('column.came')}</th>
              <th scope="col">{t('column.went')}</th>
              <th scope="col" className={classes.wide}>
                {t('column.operations')}
              </th>
            </tr>
          </thead>
          <tbody>
            {totals.map((one) => (
              <tr key={one.key}>
                <th scope="row">
                  {one.label}
                  <span className={classes.bars} aria-hidden>
                    {one.came > 0 && <span style={{ width: `${(100 * one.came) / most}%` }} />}
                    {one.went > 0 && <span data-went style={{ width: `${(100 * one.went) / most}%` }} />}
                  </span>
                </th>
                <td>{one.came > 0 ? `+${whole(one.came)}` : '—'}</td>
                <td>{one.went > 0 ? whole(-one.went) : '—'}</td>
                <td className={classes.wide}>{whole(one.operations)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
