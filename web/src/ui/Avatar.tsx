import { initials } from '../lib/format';
import classes from './Avatar.module.css';

const TONES = 6;

/** The same name always has the same colour. */
function toneOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return sum % TONES;
}

type AvatarProps = {
  name: string;
  size?: number;
  square?: boolean;
  /** Where the picture is; two letters on a calm colour without. */
  picture?: string | null;
};

/** A person, a bot or a company. Said by the name beside it, so hidden from readers. */
export function Avatar({ name, size = 40, square, picture }: AvatarProps) {
  const measure = { width: size, height: size, fontSize: Math.max(10, Math.round(size * 0.36)) };
  return (
    <span
      className={classes.avatar}
      data-tone={toneOf(name)}
      data-square={square || undefined}
      style={measure}
      aria-hidden
    >
      {picture ? <img src={picture} alt="" /> : initials(name)}
    </span>
  );
}
