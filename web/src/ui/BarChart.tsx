import { Plot, type PlotProps } from './Plot';
import classes from './Plot.module.css';

const WIDEST = 36;
const FILLED = 0.7;
const ROUND = 5;

/** Bars side by side; several series stand on each other. Stands in a `ChartCard`, which says it in words. */
export function BarChart({ labels, series, format }: PlotProps) {
  const sums = labels.map((_, index) => series.reduce((sum, one) => sum + (one.values[index] ?? 0), 0));
  return (
    <Plot
      labels={labels}
      series={series}
      format={format}
      top={Math.max(1, ...sums)}
      place={(index) => (index + 0.5) / Math.max(labels.length, 1)}
      marks={({ x, y, step }, at) => {
        const width = Math.min(WIDEST, step * FILLED);
        return labels.map((label, index) => {
          let below = 0;
          return (
            <g key={label}>
              {at === index && (
                <rect x={x(index) - step / 2} y={0} width={step} height={y(0)} className={classes.column} />
              )}
              {series.map((one, nth) => {
                const from = below;
                below += one.values[index] ?? 0;
                const round = nth === series.length - 1 ? Math.min(ROUND, width / 2, y(from) - y(below)) : 0;
                return (
                  <path
                    key={one.label}
                    d={bar(x(index) - width / 2, y(below), width, y(from) - y(below), round)}
                    style={{ fill: one.color }}
                  />
                );
              })}
            </g>
          );
        });
      }}
    />
  );
}

/** A bar whose upper corners are rounded. */
function bar(left: number, top: number, width: number, height: number, round: number): string {
  if (height <= 0) return '';
  const side = width - 2 * round;
  return (
    `M${left} ${top + height}v${round - height}q0 ${-round} ${round} ${-round}h${side}` +
    `q${round} 0 ${round} ${round}v${height - round}Z`
  );
}
