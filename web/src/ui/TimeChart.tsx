import { Plot, type PlotProps, type Series } from './Plot';
import classes from './Plot.module.css';

/** One line over time; the first is filled. */
export type Line = Series & { dashed?: boolean };

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

type TimeChartProps = Omit<PlotProps, 'series'> & { series: Line[] };

/** Lines over days. Stands in a `ChartCard`, which says it in words. */
export function TimeChart({ labels, series, format }: TimeChartProps) {
  const last = Math.max(labels.length - 1, 1);
  return (
    <Plot
      labels={labels}
      series={series}
      format={format}
      top={Math.max(1, ...series.flatMap((one) => one.values))}
      place={(index) => index / last}
      marks={({ x, y }, at) => (
        <>
          {series.map((one, index) => {
            const line = curve(one.values.map((value, day) => [x(day), y(value)]));
            return (
              <g key={one.label} style={{ color: one.color }}>
                {index === 0 && (
                  <path d={`${line}L${x(last)} ${y(0)}L${x(0)} ${y(0)}Z`} className={classes.area} />
                )}
                <path d={line} className={classes.line} data-dashed={one.dashed || undefined} />
                {at !== null && (
                  <circle cx={x(at)} cy={y(one.values[at] ?? 0)} r={4} className={classes.dot} />
                )}
              </g>
            );
          })}
          {at !== null && <line x1={x(at)} x2={x(at)} y1={y(0)} y2={0} className={classes.cursor} />}
        </>
      )}
    />
  );
}
