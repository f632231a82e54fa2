import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, useState } from 'react';
import classes from './TimeChart.module.css';

/** One line over time; the first is filled. */
export type Series = { label: string; color: string; values: number[]; dashed?: boolean };

type TimeChartProps = {
  /** What stands under the axis, one for each value. */
  labels: string[];
  series: Series[];
  format: (value: number) => string;
};

const LEFT = 52;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
const TICKS = 4;

/** A round step that divides `top`, which is a whole number, into about four parts. */
function stepOf(top: number): number {
  const rough = Math.max(top, 1) / TICKS;
  const size = 10 ** Math.floor(Math.log10(rough));
  const part = rough / size;
  return Math.max(1, (part > 5 ? 10 : part > 2.5 ? 5 : part > 2 ? 2.5 : part > 1 ? 2 : 1) * size);
}

/** A smooth line that never goes above or below its points. */
function curve(points: [number, number][]): string {
  if (points.length === 0) return '';
  const slope = (at: number) => {
    const before = points[at - 1];
    const here = points[at]!;
    const after = points[at + 1];
    if (!before || !after) return 0;
    const left = (here[1] - before[1]) / (here[0] - before[0]);
    const right = (after[1] - here[1]) / (after[0] - here[0]);
    return left * right <= 0 ? 0 : (2 * left * right) / (left + right);
  };
  let path = `M${points[0]![0]} ${points[0]![1]}`;
  for (let at = 1; at < points.length; at += 1) {
    const [x0, y0] = points[at - 1]!;
    const [x1, y1] = points[at]!;
    const third = (x1 - x0) / 3;
    path += `C${x0 + third} ${y0 + slope(at - 1) * third} ${x1 - third} ${y1 - slope(at) * third} ${x1} ${y1}`;
  }
  return path;
}

/** Lines over days, drawn by hand: small enough for every page. Stands in a `ChartCard`, which says it in words. */
export function TimeChart({ labels, series, format }: TimeChartProps) {
  const { ref, width, height } = useElementSize();
  const [at, setAt] = useState<number | null>(null);
  const top = Math.max(1, ...series.flatMap((one) => one.values));
  const step = stepOf(top);
  const ceiling = Math.ceil(top / step) * step;
  const last = Math.max(labels.length - 1, 1);
  const x = (index: number) => LEFT + (index / last) * Math.max(width - LEFT - RIGHT, 1);
  const y = (value: number) => TOP + (1 - value / ceiling) * Math.max(height - TOP - BOTTOM, 1);
  const lines = series.map((one) => curve(one.values.map((value, index) => [x(index), y(value)])));
  const every = Math.max(1, Math.ceil(labels.length / Math.max(2, Math.floor(width / 96))));
  const look = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.round(((event.clientX - box.left - LEFT) / Math.max(width - LEFT - RIGHT, 1)) * last);
    setAt(Math.min(Math.max(index, 0), labels.length - 1));
  };
  const ticks = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, index) => index * step);
  return (
    <div ref={ref} className={classes.chart}>
      {width > 0 && (
        <svg
          width={width}
          height={height}
          aria-hidden="true"
          onPointerMove={look}
          onPointerLeave={() => setAt(null)}
        >
          {ticks.map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} className={classes.grid} />
              <text x={LEFT - 10} y={y(tick) + 4} textAnchor="end" className={classes.label}>
                {format(tick)}
              </text>
            </g>
          ))}
          {labels.map((label, index) =>
            index % every === 0 ? (
              <text
                key={label}
                x={x(index)}
                y={height - 6}
                textAnchor={index === 0 ? 'start' : 'middle'}
                className={classes.label}
              >
                {label}
              </text>
            ) : null,
          )}
          {series.map((one, index) => (
            <g key={one.label} style={{ color: one.color }}>
              {index === 0 && (
                <path d={`${lines[index]}L${x(last)} ${y(0)}L${x(0)} ${y(0)}Z`} className={classes.area} />
              )}
              <path d={lines[index]} className={classes.line} data-dashed={one.dashed || undefined} />
              {at !== null && <circle cx={x(at)} cy={y(one.values[at] ?? 0)} r={4} className={classes.dot} />}
            </g>
          ))}
          {at !== null && (
            <line x1={x(at)} x2={x(at)} y1={TOP} y2={height - BOTTOM} className={classes.cursor} />
          )}
        </svg>
      )}
      {at !== null && (
        <div
          className={classes.tip}
          style={{
            transform: `translateX(${Math.min(Math.max(x(at) - 70, 0), Math.max(width - 160, 0))}px)`,
          }}
        >
          <span>{labels[at]}</span>
          {series.map((one) => (
            <b key={one.label}>
              <i style={{ background: one.color }} />
              {one.label}: {format(one.values[at] ?? 0)}
            </b>
          ))}
        </div>
      )}
    </div>
  );
}
