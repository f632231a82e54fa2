import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { api, fetcher } from '../../api/client';
import type { components, operations } from '../../api/schema';
import { language } from '../../i18n';
import type { Tone } from '../../ui/Chip';

export type Listed = components['schemas']['PromotionReceipt'];
export type Whole = components['schemas']['PromotionReceiptDetails'];
export type Case = components['schemas']['ModeratedReceipt'];
export type Sign = { sign: string; points: number; count: number };

export const STATES = ['waiting', 'checking', 'person', 'accepted', 'refused'] as const;
export type State = (typeof STATES)[number];

export const TONES: Record<State, Tone> = {
  waiting: 'info',
  checking: 'info',
  person: 'warn',
  accepted: 'ok',
  refused: 'bad',
};

/** What the address of the table says. */
type Listing = NonNullable<operations['list_receipts']['parameters']['query']>;
export type Reason = NonNullable<Listing['reason']>;
export type Asked = { state?: State; reason?: Reason; contact_id?: string };

/** The address of the table, and a way to change it. */
export function useAsked(): [Asked, (change: Partial<Asked>) => void] {
  const asked = useSearch({ strict: false }) as Asked;
  const go = useNavigate();
  const change = useCallback(
    (next: Partial<Asked>) =>
      void go({
        to: '.',
        search: ((before: Asked) =>
          Object.fromEntries(
            Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined && value !== ''),
          )) as never,
        replace: true,
      }),
    [go],
  );
  return [asked, change];
}

/** Receipts of a promotion, page after page. */
export function useReceipts(promotion: string, asked: Asked, limit = 100) {
  return useInfiniteQuery({
    queryKey: ['get', `/api/v1/promotions/${promotion}/receipts`, asked, limit],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await fetcher.GET('/api/v1/promotions/{id}/receipts', {
        params: { path: { id: promotion }, query: { ...asked, after: pageParam, limit } },
        signal,
      });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
  });
}

/** One receipt with its document, its attempts, its signs and its neighbours. */
export function useReceipt(promotion: string, receipt: string | undefined) {
  return api.useQuery(
    'get',
    '/api/v1/promotions/{id}/receipts/{rid}',
    { params: { path: { id: promotion, rid: receipt ?? '' } } },
    { enabled: Boolean(receipt) },
  );
}

/** Receipts that wait for a person, who waits longest first. */
export function useQueue(promotion: string, limit: number) {
  return useInfiniteQuery({
    queryKey: ['get', `/api/v1/promotions/${promotion}/moderation`, limit],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await fetcher.GET('/api/v1/promotions/{id}/moderation', {
        params: { path: { id: promotion }, query: { after: pageParam, limit } },
        signal,
      });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
  });
}

/** One of them with everything by which a person decides. */
export function useCase(promotion: string, receipt: string | undefined) {
  return api.useQuery(
    'get',
    '/api/v1/promotions/{id}/moderation/{rid}',
    { params: { path: { id: promotion, rid: receipt ?? '' } } },
    { enabled: Boolean(receipt) },
  );
}

/** Where the picture of a receipt is. */
export const pictureOf = (promotion: string, receipt: string): string =>
  `/api/v1/promotions/${promotion}/receipts/${receipt}/picture`;

/** Why, for the staff, in the reader's language. */
export function reasonOf(receipt: Listed): string {
  const said = language() === 'ru' ? receipt.reason_ru : receipt.reason_en;
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

/** The parts of a code: `t=…&s=…&fn=…&i=…&fp=…&n=1`. */
export function partsOf(code: string): { drive: string; document: string; sign: string; operation: string } {
  const parts = new URLSearchParams(code);
  const part = (key: string) => parts.get(key) ?? '';
  return { drive: part('fn'), document: part('i'), sign: part('fp'), operation: part('n') };
}
