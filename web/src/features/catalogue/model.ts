import type { components } from '../../api/schema';
import type { Wording } from '../../lib/loyalty';

/** What is said of an item, complete. */
export type Fields = {
  kind: 'service' | 'goods';
  name: Wording;
  description?: Wording;
  picture?: string;
  points?: number;
  money?: number;
  weight: number;
  per_person?: { count: number; days?: number };
  active: boolean;
  position: number;
  category?: string;
};

type Given = components['schemas']['Item'];

/** An item of the catalogue. */
export type Item = Omit<Given, 'item'> & { item: Fields };

export const asItem = (given: Given): Item => given as unknown as Item;
export const asGiven = (fields: Fields) => fields as unknown as Given['item'];

export const NEW: Fields = {
  kind: 'goods',
  name: { ru: '', en: '' },
  weight: 0,
  active: true,
  position: 0,
};

const LETTERS: Record<string, string> = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  ё: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  й: 'i',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'h',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'sch',
  ы: 'y',
  э: 'e',
  ю: 'yu',
  я: 'ya',
  ъ: '',
  ь: '',
};

/** A short name out of what people call it. */
export function keyOf(name: string): string {
  const latin = [...name.toLowerCase()].map((letter) => LETTERS[letter] ?? letter).join('');
  return latin
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
}
