import { api } from '../api/client';
import type { components } from '../api/schema';
import type { Tone } from '../ui/Chip';
import type { Wording } from './loyalty';

/** Where a promotion stands. */
export type PromotionState = 'draft' | 'test' | 'running' | 'over' | 'archived';

export const STATE_TONES: Record<PromotionState, Tone> = {
  draft: 'plain',
  test: 'warn',
  running: 'ok',
  over: 'info',
  archived: 'plain',
};

/** A seller, or a shop of theirs: whatever is given must fit. */
export type Shop = { inn?: string; name?: string; address?: string; note?: string };

/** Goods told by words of their names and by codes. */
export type Goods = { words: string[]; except: string[]; gtins: string[] };

/** A way in: a phrase that is typed, a link that is pressed. */
export type Entry = { source: string; title: string; phrase?: string };

/** All settings of a promotion, complete as the program gives them. */
export type Terms = {
  about: Wording;
  shops: Shop[];
  minimum: { sum: number; of: 'receipt' | 'needed_goods' };
  banned: {
    excise: boolean;
    excise_words?: { words: string[]; except: string[] };
    doubt: 'person' | 'allow' | 'refuse';
    goods: Goods;
    effect: 'refuse' | 'leave_out';
  };
  needed: { goods: Goods; quantity: number };
  limits: { person: number; day?: number | null };
  entries: Entry[];
  rules: { text: Wording; url?: string | null; purpose?: string; hash: string };
  prizes: Wording;
  stages: { name: Wording; at: string }[];
  texts: Record<string, Wording>;
  checks: { budget?: number | null };
  moderation: { score: number; unchecked: 'person' | 'accept' };
  keep_pictures_days: number;
  extension?: { before: string; note: Wording; at: string } | null;
  public: boolean;
};

/** A promotion as the program tells it. */
export type Promotion = Omit<components['schemas']['Promotion'], 'state' | 'terms'> & {
  state: PromotionState;
  terms: Terms;
};

/** A promotion by its id. */
export function usePromotion(id: string) {
  return api.useQuery(
    'get',
    '/api/v1/promotions/{id}',
    { params: { path: { id } } },
    { select: (one) => one as unknown as Promotion },
  );
}
