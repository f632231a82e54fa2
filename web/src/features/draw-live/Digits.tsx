import { useEffect, useState } from 'react';
import classes from './Live.module.css';

/** Milliseconds until the first digit stands, and between two. */
const FIRST = 1400;
const EACH = 420;
const TICK = 60;

/** Whether movement is unwelcome. */
export const isCalm = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** A number whose digits roll and come to rest one after another. */
export function Digits({ value, settled, done }: { value: string; settled: boolean; done: () => void }) {
  const [stand, setStand] = useState(0);
  const [tick, setTick] = useState(0);
  const all = settled || isCalm();
  useEffect(() => {
    if (all) {
      done();
      return undefined;
    }
    const began = performance.now();
    const timer = window.setInterval(() => {
      const passed = performance.now() - began - FIRST;
      const now = passed < 0 ? 0 : Math.min(value.length, Math.floor(passed / EACH) + 1);
      setStand(now);
      setTick((one) => one + 1);
      if (now === value.length) {
        window.clearInterval(timer);
        done();
      }
    }, TICK);
    return () => window.clearInterval(timer);
  }, [all, value, done]);
  const shown = all ? value.length : stand;
  const groups = value.length % 3;
  return (
    <span className={classes.digits} data-length={value.length}>
      {[...value].map((digit, at) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its place
          key={at}
          className={classes.digit}
          data-stands={at < shown || undefined}
          data-gap={(at > 0 && (at - groups) % 3 === 0) || undefined}
        >
          {at < shown ? digit : String((Number(digit) + tick * (at + 3) + at * 7) % 10)}
        </span>
      ))}
    </span>
  );
}
