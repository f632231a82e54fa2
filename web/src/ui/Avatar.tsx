import { initials } from '../lib/format';
import classes from './Avatar.module.css';

const TONES = 6;

/** The same name always has the same colour. */
function toneOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return sum % TONES;
}

/** A person or a company without a picture: two letters on a calm colour. Said by the name beside it, so hidden from readers. */
export function Avatar({ name, size = 40, square }: { name: string; size?: number; square?: boolean }) {
  const measure = { width: size, height: size, fontSize: Math.max(10, Math.round(size * 0.36)) };
  return (
    <span
      className={classes.avatar}
      data-tone={toneOf(name)}
      data-square={square || undefined}
      style={measure}
      aria-hidden
    >
      {initials(name)}
    </span>
  );
}
