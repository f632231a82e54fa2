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
