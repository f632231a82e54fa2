import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, type ReactNode, useState } from 'react';
import { whole } from '../lib/format';
import classes from './Plot.module.css';

/** One row of numbers, as long as the labels. */
export type Series = { label: string; color: string; values: number[] };

/** Pixels of a picture. */
export type Scale = {
  x: (index: number) => number;
  y: (value: number) => number;
  /** How far the labels are from each other. */
  step: number;
};

export type PlotProps = {
  /** What stands under the axis, one for each value. */
  labels: string[];
  series: Series[];
  /** The numbers at the axis; the sign at the pointer says them whole. */
  format: (value: number) => string;
};

type Drawn = {
  /** The highest value. */
  top: number;
  /** Where an index stands between the left edge (0) and the right one (1). */
  place: (index: number) => number;
  /** What is drawn; `at` is the index under the pointer. */
  marks: (scale: Scale, at: number | null) => ReactNode;
};

const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
const TICKS = 4;
const LABEL = 96;
/** A letter at the axis is about so wide, and so far from the picture. */
const LETTER = 7;
const GAP = 10;

/** A round step that divides `top`, which is a whole number, into about four parts. */
function stepOf(top: number): number {
  const rough = Math.max(top, 1) / TICKS;
  const size = 10 ** Math.floor(Math.log10(rough));
  const part = rough / size;
  return Math.max(1, (part > 5 ? 10 : part > 2.5 ? 5 : part > 2 ? 2.5 : part > 1 ? 2 : 1) * size);
}

/** Axes, grid and the sign at the pointer, drawn by hand: small enough for every page. */
export function Plot({ labels, series, format, top, place, marks }: PlotProps & Drawn) {
  const { ref, width, height } = useElementSize();
  const [at, setAt] = useState<number | null>(null);
  const step = stepOf(top);
  const ceiling = Math.ceil(Math.max(top, 1) / step) * step;
  const ticks = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, index) => index * step);
  const left = GAP + LETTER * Math.max(...ticks.map((tick) => format(tick).length));
  const inner = Math.max(width - left - RIGHT, 1);
  const scale: Scale = {
    x: (index) => left + place(index) * inner,
    y: (value) => TOP + (1 - value / ceiling) * Math.max(height - TOP - BOTTOM, 1),
    step: inner / Math.max(labels.length, 1),
  };
  const every = Math.max(1, Math.ceil(labels.length / Math.max(2, Math.floor(width / LABEL))));
  const look = (event: PointerEvent<SVGSVGElement>) => {
    const pointer = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const far = labels.map((_, index) => Math.abs(scale.x(index) - pointer));
    setAt(far.length > 0 ? far.indexOf(Math.min(...far)) : null);
  };
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
              <line
                x1={left}
                x2={width - RIGHT}
                y1={scale.y(tick)}
                y2={scale.y(tick)}
                className={classes.grid}
              />
              <text x={left - GAP} y={scale.y(tick) + 4} textAnchor="end" className={classes.label}>
                {format(tick)}
              </text>
            </g>
          ))}
          {labels.map((label, index) =>
            index % every === 0 ? (
              <text
                key={label}
                x={scale.x(index)}
                y={height - 6}
                textAnchor={place(index) === 0 ? 'start' : 'middle'}
                className={classes.label}
              >
                {label}
              </text>
            ) : null,
          )}
          {marks(scale, at)}
        </svg>
      )}
      {at !== null && at < labels.length && (
        <div
          className={classes.tip}
          style={{
            transform: `translateX(${Math.min(Math.max(scale.x(at) - 70, 0), Math.max(width - 160, 0))}px)`,
          }}
        >
          <span>{labels[at]}</span>
          {series.map((one) => (
            <b key={one.label}>
              <i style={{ background: one.color }} />
              {one.label}: {whole(one.values[at] ?? 0)}
            </b>
          ))}
        </div>
      )}
    </div>
  );
}
