import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay, useMe } from '../api/session';
import { useWords } from '../i18n';
import { date } from '../lib/format';
import { type Promotion, STATE_TONES, usePromotion } from '../lib/promotions';
import { lastMinute } from '../lib/zone';
import { Chip, Counter } from './Chip';
import { Page } from './Page';
import classes from './PromotionPage.module.css';
import { ErrorNote, RowsSkeleton } from './States';

const TABS = [
  { name: 'overview', path: '', right: 'promotions' },
  { name: 'receipts', path: '/receipts', right: 'promotions' },
  { name: 'moderation', path: '/moderation', right: 'moderation' },
  { name: 'participants', path: '/participants', right: 'promotions' },
  { name: 'tickets', path: '/tickets', right: 'promotions' },
  { name: 'codes', path: '/codes', right: 'promotions' },
  { name: 'numbers', path: '/numbers', right: 'promotions' },
  { name: 'draws', path: '/draws', right: 'promotions' },
  { name: 'settings', path: '/settings', right: 'promotions' },
] as const;

/** A tab of a promotion. */
export type PromotionTab = (typeof TABS)[number]['name'];

type PromotionPageProps = {
  tab: PromotionTab;
  actions?: (promotion: Promotion) => ReactNode;
  /** Fills the height and scrolls inside. */
  full?: boolean;
  children: (promotion: Promotion) => ReactNode;
};

/** One tab of a promotion: its head is the same on all of them. The promotion is that of the address (`$id`). */
export function PromotionPage({ tab, actions, full, children }: PromotionPageProps) {
  const t = useWords();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const zone = useMe().zone;
  const mayRun = useMay('promotions');
  const mayModerate = useMay('moderation');
  const query = usePromotion(id);
  const promotion = query.data;
  const tabs = TABS.filter((one) => (one.right === 'promotions' ? mayRun : mayModerate));
  const at = (path: string) => `/promotions/${id}${path}`;
  const here = at(TABS.find((one) => one.name === tab)?.path ?? '');
  return (
    <Page
      full={full}
      title={promotion?.name ?? '…'}
      crumb={
        mayRun
          ? { to: '/promotions', label: t('nav.promotions') }
          : { to: '/moderation', label: t('nav.moderation') }
      }
      state={
        promotion && (
          <Chip tone={STATE_TONES[promotion.state]}>
            {promotion.state === 'running'
              ? t('promotion.until', { day: date(lastMinute(promotion.ends_at), zone) })
              : t(`promotion.states.${promotion.state}`)}
          </Chip>
        )
      }
      actions={promotion && actions?.(promotion)}
      tab={here}
      tabs={tabs.map((one) => ({
        to: at(one.path),
        label:
          one.name === 'moderation' && promotion && promotion.moderation > 0 ? (
            <span className={classes.counted}>
              {t(`promotion.tabs.${one.name}`)} <Counter count={promotion.moderation} mine />
            </span>
          ) : (
            t(`promotion.tabs.${one.name}`)
          ),
      }))}
    >
      {query.error && !promotion ? (
        <ErrorNote problem={query.error} retry={() => void query.refetch()} />
      ) : promotion ? (
        children(promotion)
      ) : (
        <RowsSkeleton rows={8} />
      )}
    </Page>
  );
}
