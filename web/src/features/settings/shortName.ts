import { latin } from '../../lib/latin';

const LONGEST = 40;

/** Whether the program takes it for a short name. */
export const isShortName = (text: string): boolean => /^[a-z][a-z0-9_-]{0,39}$/.test(text);

/** A short name for a title, none of those that are taken: «Размер обуви» is `razmer_obuvi`. */
export function shortName(title: string, taken: string[]): string {
  const plain = latin(title, '_');
  const name = isShortName(plain) ? plain : latin(`field ${plain}`, '_');
  let free = name;
  for (let at = 2; taken.includes(free); at += 1) free = `${name.slice(0, LONGEST - 4)}_${at}`;
  return free;
}
