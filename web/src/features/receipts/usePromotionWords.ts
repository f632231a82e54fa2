import { api } from '../../api/client';
import { language } from '../../i18n';
import { whole } from '../../lib/format';
import type { Sign } from './model';

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Reasons and signs of cheating, in the reader's language. */
export function usePromotionWords() {
  const words = api.useQuery('get', '/api/v1/promotion-words', {}, { staleTime: Number.POSITIVE_INFINITY });
  const tongue = language();
  const reasons = (words.data?.reasons ?? []).map((one) => ({ ...one, title: capital(one[tongue]) }));
  const signs = words.data?.signs ?? [];
  return {
    reasons,
    titleOf: (code: string) => reasons.find((one) => one.code === code)?.title ?? code,
    signOf: ({ sign, count }: Sign) =>
      capital(signs.find((one) => one.sign === sign)?.[tongue].replace('#', whole(count)) ?? sign),
  };
}
