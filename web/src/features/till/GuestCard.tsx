import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { day, phone, whole } from '../../lib/format';
import { Avatar } from '../../ui/Avatar';
import { Chip } from '../../ui/Chip';
import classes from './Till.module.css';

type Contact = components['schemas']['Contact'];
type Wallet = components['schemas']['Wallet'];

/** Who stands at the till, and what they have. */
export function GuestCard({ contact, wallet }: { contact: Contact; wallet: Wallet }) {
  const t = useWords('till');
  const name = contact.name || t('noName');
  const points = (count: number) => t('points', { count, n: whole(count) });
  const next = wallet.lots.find((lot) => lot.expires_at && lot.remaining > lot.held);
  const number = wallet.card_number?.replace(/(\d{4})(?=\d)/g, '$1 ');
  return (
    <section className={classes.guest} aria-label={name}>
      <div className={classes.guestHead}>
        <Avatar name={name} size={52} />
        <div className={classes.who}>
          <h2>{name}</h2>
          <span>{contact.phone && phone(contact.phone)}</span>
        </div>
      </div>
      {(contact.tags.length > 0 || contact.stopped_at) && (
        <div className={classes.chips}>
          {contact.tags.slice(0, 6).map((tag) => (
            <Chip key={tag} tone="info">
              {tag}
            </Chip>
          ))}
          {contact.stopped_at && <Chip tone="warn">{t('stopped')}</Chip>}
        </div>
      )}
      <div className={classes.plate}>
        <div className={classes.plateLine}>
          <span>{t('balance')}</span>
          <span>{number ?? t('noCard')}</span>
        </div>
        <strong data-testid="balance">{whole(wallet.available)}</strong>
        <div className={classes.plateLine}>
          <span>
            {next
              ? t('ends', {
                  points: points(next.remaining - next.held),
                  date: day(Date.parse(next.expires_at!) - 1),
                })
              : ''}
          </span>
          <span>
            {wallet.held > 0 && `${t('held')}: ${whole(wallet.held)}`}
            {wallet.debt > 0 && `${t('debt')}: ${whole(wallet.debt)}`}
          </span>
        </div>
      </div>
    </section>
  );
}
