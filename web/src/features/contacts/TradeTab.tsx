import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { isServed } from '../../app/features';
import { useWords } from '../../i18n';
import { day, money, whole } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Sheet.module.css';

const TONES = { open: 'warn', success: 'ok', failure: 'plain' } as const;

/** Purchases, deals and orders, the latest of each. */
export function TradeTab({ id }: { id: string }) {
  const t = useWords('contacts');
  const mayPoints = useMay('points_read');
  const purchases = api.useQuery(
    'get',
    '/api/v1/contacts/{id}/purchases',
    { params: { path: { id }, query: { limit: 20 } } },
    { enabled: mayPoints },
  );
  const deals = api.useQuery('get', '/api/v1/deals', { params: { query: { contact_id: id, limit: 20 } } });
  if (deals.error && !deals.data)
    return <ErrorNote problem={deals.error} retry={() => void deals.refetch()} />;
  if (!deals.data) return <RowsSkeleton rows={3} />;
  return (
    <>
      {mayPoints && (
        <div>
          <h3 className={classes.note}>{t('trade.purchases')}</h3>
          {purchases.data?.items.length === 0 && <p className={classes.note}>{t('trade.noPurchases')}</p>}
          {purchases.data?.items.map((one) => (
            <div key={one.id} className={classes.line}>
              <span>
                {one.items
                  .map(
                    (item) =>
                      (item as { name?: string; title?: string }).name ?? (item as { title?: string }).title,
                  )
                  .filter(Boolean)
                  .join(', ') || day(one.at)}
                <br />
                <span className={classes.note}>
                  {[
                    day(one.at),
                    one.earned > 0 &&
                      t('trade.earned', { points: t('say.points', { ns: 'common', count: one.earned }) }),
                    one.spent > 0 &&
                      t('trade.paid', { points: t('say.points', { ns: 'common', count: one.spent }) }),
                    one.refunded_minor > 0 && t('trade.refunded', { sum: money(one.refunded_minor) }),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </span>
              <span className={classes.num}>{money(one.sum_minor)}</span>
            </div>
          ))}
        </div>
      )}
      <div className={classes.section}>
        <h3>{t('trade.deals')}</h3>
        {deals.data.items.length === 0 && <p className={classes.note}>{t('trade.noDeals')}</p>}
        {deals.data.items.map((deal) => (
          <div key={deal.id} className={classes.line}>
            <span>
              {isServed('/deals') ? (
                <Link to="/deals" search={{ deal: deal.id } as never}>
                  {deal.title}
                </Link>
              ) : (
                deal.title
              )}
              <br />
              <span className={classes.note}>{day(deal.created_at)}</span>
            </span>
            <span>
              <span className={classes.num}>
                {deal.sum ? money(deal.sum) : deal.points > 0 ? whole(deal.points) : ''}
              </span>{' '}
              <Chip tone={TONES[deal.kind]}>{t(`kinds.${deal.kind}`)}</Chip>
            </span>
          </div>
        ))}
      </div>
    </>
  );
}
