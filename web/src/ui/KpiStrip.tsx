import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import { percent } from '../lib/format';
import classes from './KpiStrip.module.css';

/** One number of a strip. */
export type Kpi = {
  label: string;
  value: string;
  /** The change against the period before, as a share: 0.12 is +12 %. */
  change?: number;
  /** More is worse (complaints, waiting). */
  inverse?: boolean;
  /** What the change is against, or what the number means. */
  hint?: string;
  trend?: number[];
};

/** The numbers on top of a dashboard. */
export function KpiStrip({ kpis }: { kpis: Kpi[] }) {
  return (
    <dl className={classes.strip}>
      {kpis.map((kpi) => (
        <div key={kpi.label} className={classes.kpi}>
          <dt>{kpi.label}</dt>
          <dd>
            <span className={classes.value}>{kpi.value}</span>
            {kpi.change !== undefined && <Change share={kpi.change} inverse={kpi.inverse} />}
          </dd>
          {kpi.hint && <dd className={classes.hint}>{kpi.hint}</dd>}
          {kpi.trend && kpi.trend.length > 1 && <Spark values={kpi.trend} />}
        </div>
      ))}
    </dl>
  );
}

function Change({ share, inverse }: { share: number; inverse?: boolean }) {
  const tone = share === 0 ? 'plain' : share > 0 !== Boolean(inverse) ? 'ok' : 'bad';
  const Arrow = share < 0 ? IconArrowDownRight : IconArrowUpRight;
  return (
    <span className={classes.change} data-tone={tone}>
      {share !== 0 && <Arrow size={14} aria-hidden />}
      {share > 0 ? '+' : ''}
      {percent(share, 0)}
    </span>
  );
}

/** A line without axes: where it goes, not how much. */
export function Spark({
  values,
  width = 120,
  height = 28,
}: {
  values: number[];
  width?: number;
  height?: number;
}) {
  const top = Math.max(...values);
  const low = Math.min(...values);
  const step = width / (values.length - 1);
  const points = values.map(
    (value, at) => `${at * step},${height - 3 - ((value - low) / (top - low || 1)) * (height - 6)}`,
  );
  return (
    <svg
      className={classes.spark}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polyline points={points.join(' ')} />
    </svg>
  );
}
