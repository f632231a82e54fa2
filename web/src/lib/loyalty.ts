import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, fetcher } from '../api/client';
import type { components } from '../api/schema';

/** A text in both languages. */
export type Wording = { ru: string; en: string };

/** One kind of message. */
export type Notice = { on: boolean; text: Wording };

/** The kinds of messages. */
export type NoticeKey =
  | 'accrual'
  | 'purchase'
  | 'write_off'
  | 'spend'
  | 'refund'
  | 'hold'
  | 'released'
  | 'expiring'
  | 'expired'
  | 'birthday';

/** The look of the card. */
export type CardDesign = {
  colours: { background: string; ink: string; accent: string; mark: string };
  title: string;
  tagline: string;
  picture?: { file: string; shade: number };
  ornament: 'none' | 'lattice' | 'dots';
  logo: 'none' | 'monogram' | { svg: string };
  qr: 'right' | 'left' | 'bottom';
  rotating_seconds?: number;
  corner: number;
};

export type Rounding = 'down' | 'half_up' | 'up';

/** The programme as the program gives it: complete, whatever the description leaves open. */
export type Programme = {
  units: { ru: [string, string, string]; en: [string, string] };
  point_minor: number;
  welcome_points: number;
  expiry_days?: number;
  expiry: { yearly?: string; prolong_on_purchase: boolean; days_of: Record<string, number> };
  earning: {
    percent_bp: number;
    fixed: number;
    of: 'paid' | 'whole';
    rounding: Rounding;
    minimum_minor: number;
    maximum?: number;
  };
  spending: { on: boolean; max_percent_bp: number; minimum_minor: number; fixed?: number };
  refunds: { rounding: Rounding; debt: 'refuse' | 'forgive' | { owe: number } };
  warnings: { days: number[]; hour: string; until: string };
  birthday: { points: number; days_before: number; days_after: number; hour: string };
  notices: Record<NoticeKey, Notice>;
  screens: { balance?: Wording; card?: Wording; history?: Wording; history_empty?: Wording };
  card: CardDesign;
};

type Stored = components['schemas']['StoredProgramme'];
type Given = components['schemas']['NewProgramme']['programme'];

/** The description leaves every field open; what the program reads is the same. */
export const asGiven = (programme: Programme): Given => programme as unknown as Given;

const of = (stored: Stored) => ({
  revision: stored.revision,
  programme: stored.programme as unknown as Programme,
});

/** The programme of the company, and the way to change it. */
export function useProgramme() {
  const client = useQueryClient();
  const query = api.useQuery('get', '/api/v1/loyalty/programme', {}, { select: of });
  const save = useCallback(
    async (programme: Programme, revision: number) => {
      const { data } = await fetcher.PUT('/api/v1/loyalty/programme', {
        body: { revision, programme: asGiven(programme) },
      });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/loyalty/programme'] });
      return of(data!);
    },
    [client],
  );
  return { query, save };
}

/** The address of a picture of the company by its key `file/fil_…`. */
export function pictureUrl(key: string | undefined): string | undefined {
  return key?.startsWith('file/') ? `/api/v1/pictures/${key.slice('file/'.length)}` : undefined;
}
