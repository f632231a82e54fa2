import { Button } from '@mantine/core';
import { IconAlertTriangle, IconMessageCircle, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '../../api/client';
import { useMay, useMe } from '../../api/session';
import { language, useWords } from '../../i18n';
import { moment, money, whole } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import classes from './Details.module.css';
import { type Listed, partsOf, reasonOf, type Sign, type State, TONES, type Whole } from './model';
import { usePromotionWords } from './usePromotionWords';

/** A fact and what it is. */
function Fact({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {name}
        {hint && <small> {hint}</small>}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `2026-11-22T18:01:00` of a till, without a zone. */
export const tillTime = (text: string): string =>
  text
    .replace(/^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)(:00)?/, language() === 'ru' ? '$3.$2.$1 $4' : '$3/$2/$1 $4')
    .replace(/\.\d+$/, '');

/** What was read, and what the tax service keeps, side by side. */
export function Code({ known }: { known: Whole }) {
  const t = useWords('receipts');
  const zone = useMe().zone;
  const { receipt, document } = known;
  const code = receipt.code ? partsOf(receipt.code) : undefined;
  const differs = document && receipt.sum !== undefined && document.total !== receipt.sum;
  return (
    <section className={classes.part}>
      <h3>{t('part.code')}</h3>
      {!code && <p className={classes.note}>{t('code.none')}</p>}
      <dl className={classes.facts}>
        {receipt.sum !== undefined && receipt.sum !== null && (
          <Fact name={t('code.sum')}>
            <b>{money(receipt.sum)}</b>
          </Fact>
        )}
        {document && (
          <Fact name={t('code.total')}>
            <span data-bad={differs || undefined}>{money(document.total)}</span>
          </Fact>
        )}
        {receipt.bought_at && (
          <Fact name={t('code.bought')} hint={t('code.boughtHint')}>
            {tillTime(receipt.bought_at)}
          </Fact>
        )}
        {code && (
          <Fact name={t('code.operation')}>
            <span data-bad={code.operation !== '1' || undefined}>
              {t(`code.operations.${code.operation}`)}
            </span>
          </Fact>
        )}
        <Fact name={t('code.arrived')}>{moment(receipt.arrived_at, zone)}</Fact>
        <Fact name={t('code.source')}>{t(`sources.${receipt.source}`)}</Fact>
        {document?.seller && <Fact name={t('code.seller')}>{document.seller}</Fact>}
        {document?.inn && <Fact name={t('code.inn')}>{document.inn}</Fact>}
        {document?.place && <Fact name={t('code.place')}>{document.place}</Fact>}
        {document?.address && <Fact name={t('code.address')}>{document.address}</Fact>}
        {code && (
          <>
            <Fact name={t('code.drive')}>{code.drive}</Fact>
            <Fact name={t('code.document')}>{code.document}</Fact>
            <Fact name={t('code.sign')}>{code.sign}</Fact>
          </>
        )}
      </dl>
    </section>
  );
}

/** The lines of the receipt. */
export function GoodsList({ known: { document } }: { known: Whole }) {
  const t = useWords('receipts');
  return (
    <section className={classes.part}>
      <h3>{t('part.goods')}</h3>
      {!document ? (
        <p className={classes.note}>{t('noDocument')}</p>
      ) : (
        <ul className={classes.goods}>
          {document.items.map((item, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: equal lines are normal
            <li key={at}>
              <span>{item.name}</span>
              <span className={classes.many}>{whole(item.quantity / 1000)} ×</span>
              <span className={classes.sum}>{money(item.sum)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Whom the program asked, and what it heard. */
export function Attempts({ known }: { known: Whole }) {
  const t = useWords('receipts');
  const zone = useMe().zone;
  const may = useMay('promotions');
  const providers = api.useQuery('get', '/api/v1/receipt-providers', {}, { enabled: may });
  const nameOf = (id: string) => providers.data?.find((one) => one.id === id)?.name ?? '';
  const { receipt, attempts, place } = known;
  const open = receipt.state === 'waiting' || receipt.state === 'checking';
  return (
    <section className={classes.part}>
      <h3>{t('part.attempts')}</h3>
      {attempts.length === 0 && (
        <p className={classes.note}>{t(known.document ? 'attempt.cached' : 'attempt.none')}</p>
      )}
      <ul className={classes.lines}>
        {attempts.map((one) => (
          <li key={one.asked_at}>
            <span>
              {t(`attempt.${one.outcome}`)}
              <small>
                {[
                  nameOf(one.provider_id),
                  one.words && `«${one.words}»`,
                  t('attempt.took', { ms: whole(one.took_ms) }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </span>
            <time>{moment(one.asked_at, zone)}</time>
          </li>
        ))}
      </ul>
      {open && (
        <p className={classes.note}>
          {[
            place && t('attempt.place', { place: whole(place) }),
            attempts.length > 0 && t('attempt.next', { when: moment(receipt.check_at, zone) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      )}
    </section>
  );
}

/** Why it looks like cheating. */
export function Signs({ receipt }: { receipt: Listed }) {
  const t = useWords('receipts');
  const { signOf } = usePromotionWords();
  const signs = receipt.signs as unknown as Sign[];
  if (receipt.score === 0 || signs.length === 0) return null;
  return (
    <section className={classes.part}>
      <h3>
        {t('part.signs')} <Chip tone={receipt.score >= 60 ? 'bad' : 'warn'}>{receipt.score}</Chip>
      </h3>
      <ul className={classes.signs}>
        {signs.map((one) => (
          <li key={one.sign}>
            <IconAlertTriangle size={16} aria-hidden />
            <span>{signOf(one)}</span>
            <span className={classes.points}>+{one.points}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who sent it, with the ways to them. */
export function Person({ receipt }: { receipt: Listed }) {
  const t = useWords('receipts');
  const mayContacts = useMay('contacts_read');
  const mayChat = useMay('conversations_read');
  return (
    <section className={classes.part}>
      <h3>{t('part.person')}</h3>
      <p>
        <b>{receipt.contact_name || t('noName')}</b>
      </p>
      <div className={classes.tools}>
        {mayContacts && (
          <Button
            component={Link}
            to={`/contacts/${receipt.contact_id}`}
            variant="default"
            size="xs"
            leftSection={<IconUser size={15} />}
          >
            {t('act.openGuest')}
          </Button>
        )}
        {mayChat && (
          <Button
            component={Link}
            to={`/inbox/${receipt.contact_id}`}
            variant="default"
            size="xs"
            leftSection={<IconMessageCircle size={15} />}
          >
            {t('act.openChat')}
          </Button>
        )}
      </div>
    </section>
  );
}

/** Receipts beside this one. */
export function Others({ title, receipts }: { title: string; receipts: Listed[] }) {
  const t = useWords('receipts');
  if (receipts.length === 0) return null;
  return (
    <section className={classes.part}>
      <h3>{title}</h3>
      <ul className={classes.lines}>
        {receipts.map((one) => (
          <li key={one.id}>
            <span>
              {one.sum === undefined || one.sum === null ? t('receiptBare') : money(one.sum)}
              <small>
                {[one.contact_name, one.bought_at && tillTime(one.bought_at)].filter(Boolean).join(' · ')}
              </small>
            </span>
            <Chip tone={TONES[one.state as State]}>{t(`states.${one.state}`)}</Chip>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What became of it, by whom, and what the participant read. */
export function Outcome({ known: { receipt, said } }: { known: Whole }) {
  const t = useWords('receipts');
  const zone = useMe().zone;
  const state = receipt.state as State;
  const ticket = receipt.ticket && whole(receipt.ticket);
  return (
    <div className={classes.outcome} data-tone={TONES[state]}>
      <b>{t(`verdict.${state}`, { ticket, reason: reasonOf(receipt) })}</b>
      {receipt.note && <span>{receipt.note}</span>}
      {receipt.judged_at && (
        <small>
          {moment(receipt.judged_at, zone)} ·{' '}
          {receipt.judged_by === 'rules'
            ? t('verdict.rules', { version: receipt.version })
            : t('verdict.byPerson')}
        </small>
      )}
      {said && (
        <details>
          <summary>{t('verdict.said')}</summary>
          <p>{said}</p>
        </details>
      )}
    </div>
  );
}
