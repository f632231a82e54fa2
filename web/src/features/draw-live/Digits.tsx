import { VisuallyHidden } from '@mantine/core';
import { type CSSProperties, useEffect, useState } from 'react';
import classes from './Live.module.css';

/** Milliseconds until the first digit stands, between two, and for how long the last one keeps everybody waiting. */
const FIRST = 1400;
const EACH = 420;
const LAST = 1100;
/** The way of a digit to its rest: the stylesheet's `land`. */
const LANDING = 700;

/** Twice all digits, one under another: a wheel that turns past them comes to rest in the second round. */
const WHEEL = '0123456789'.repeat(2).split('').join('\n');

/** Whether movement is unwelcome. */
const isCalm = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

const restsAt = (at: number, length: number): number => FIRST + at * EACH + (at === length - 1 ? LAST : 0);

/** A number whose wheels turn and come to rest one after another. */
export function Digits({ value, settled, done }: { value: string; settled: boolean; done: () => void }) {
  const [stand, setStand] = useState(0);
  const all = settled || isCalm();
  useEffect(() => {
    if (all) {
      done();
      return undefined;
    }
    const length = value.length;
    const timers = Array.from({ length }, (_, at) => setTimeout(() => setStand(at + 1), restsAt(at, length)));
    timers.push(setTimeout(done, restsAt(length - 1, length) + LANDING));
    return () => timers.forEach(clearTimeout);
  }, [all, value, done]);
  const shown = all ? value.length : stand;
  const groups = value.length % 3;
  return (
    <div className={classes.digits} data-length={value.length}>
      {[...value].map((digit, at) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its place
          key={at}
          className={classes.digit}
          data-stands={at < shown || undefined}
          data-gap={(at > 0 && (at - groups) % 3 === 0) || undefined}
          style={{ '--digit': digit, '--at': at } as CSSProperties}
          aria-hidden
        >
          <span>{WHEEL}</span>
        </span>
      ))}
      {shown === value.length && <VisuallyHidden>{value}</VisuallyHidden>}
    </div>
  );
}
