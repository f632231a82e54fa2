import { latin } from '../../lib/latin';

/** A short name out of a title, in letters that every link carries. */
export const keyOf = (title: string): string =>
  latin(title)
    .slice(0, 22)
    .replace(/-+$/, '')
    .replace(/^(?=\d)/, 'p-') || 'promo';
