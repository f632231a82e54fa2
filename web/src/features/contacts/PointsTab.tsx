import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { day, whole } from '../../lib/format';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Sheet.module.css';

/** Points by the moment at which they end. */
export function PointsTab({ id }: { id: string }) {
  const t = useWords('contacts');
  const wallet = api.useQuery('get', '/api/v1/contacts/{id}/wallet', { params: { path: { id } } });
  if (wallet.error && !wallet.data)
    return <ErrorNote problem={wallet.error} retry={() => void wallet.refetch()} />;
  if (!wallet.data) return <RowsSkeleton rows={3} />;
  const { available, held, debt, lots } = wallet.data;
  return (
    <>
      <div className={classes.line}>
        <span>{t('points.balance')}</span>
        <span className={classes.num}>{whole(available)}</span>
      </div>
      <div className={classes.line}>
        <span>{t('points.held')}</span>
        <span className={classes.num}>{whole(held)}</span>
      </div>
      {debt > 0 && (
        <div className={classes.line}>
          <span>{t('points.debt')}</span>
          <span className={classes.num}>{whole(debt)}</span>
        </div>
      )}
      <div className={classes.section}>
        <h3>{t('points.lots')}</h3>
        {lots.length === 0 && <p className={classes.note}>{t('points.noLots')}</p>}
        {lots.map((lot) => (
          <div key={lot.id} className={classes.line}>
            <span>
              <span className={classes.num}>
                {t('points.left', { remaining: whole(lot.remaining), points: whole(lot.points) })}
              </span>
              <br />
              <span className={classes.note}>{t('points.earned', { day: day(lot.earned_at) })}</span>
            </span>
            <span className={classes.note}>
              {lot.expires_at ? t('points.until', { day: day(lot.expires_at) }) : t('points.forever')}
            </span>
          </div>
        ))}
      </div>
    </>
  );
}
