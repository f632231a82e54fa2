import type { ReactNode } from 'react';
import classes from './Chip.module.css';

/** What a colour says. `plain` is a state without weight. */
export type Tone = 'plain' | 'accent' | 'info' | 'ok' | 'warn' | 'bad';

/** A short state, a tag, a waiting time. The word carries the meaning, the colour only helps. */
export function Chip({
  tone = 'plain',
  icon,
  title,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={classes.chip} data-tone={tone} title={title}>
      {icon}
      {children}
    </span>
  );
}

/** A number of things that wait: copper is mine, grey is the queue. */
export function Counter({ count, mine }: { count: number; mine?: boolean }) {
  if (count <= 0) return null;
  return (
    <span className={classes.counter} data-mine={mine || undefined}>
      {count > 999 ? '999+' : count}
    </span>
  );
}
