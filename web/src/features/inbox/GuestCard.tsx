import { Button, Skeleton, TextInput } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { day, money, phone, whole } from '../../lib/format';
import { tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Chip } from '../../ui/Chip';
import { ErrorNote } from '../../ui/States';
import type { Place } from './data';
import classes from './GuestCard.module.css';

/** Who the guest is: name, tags, card, purchases, what is known. */
export function GuestCard({ place }: { place: Place; open?: (one: Place) => void }) {
  const t = useWords('inbox');
  const params = { path: { id: place.contact_id } };
  const maySee = useMay('contacts_read');
  const guest = api.useQuery('get', '/api/v1/contacts/{id}', { params }, { enabled: maySee });
  if (!maySee) return null;
  if (guest.isError && !guest.data)
    return <ErrorNote problem={guest.error} retry={() => void guest.refetch()} />;
  if (!guest.data) {
    return (
      <div className={classes.card}>
        <Skeleton circle height={68} />
        <Skeleton height={18} width={160} mt={14} />
        <Skeleton height={14} width={210} mt={10} />
        <Skeleton height={120} mt={20} radius={14} />
      </div>
    );
  }
  const one = guest.data;
  const name = one.name || t('nobody');
  const city =
    typeof (one.fields as Record<string, unknown>).city === 'string'
      ? String((one.fields as Record<string, unknown>).city)
      : '';
  const since = t('card.since', { date: monthOf(one.created_at) });
  const facts = [one.phone && phone(one.phone), city, since].filter(Boolean).join(' · ');
  return (
    <div className={classes.card}>
      <Avatar name={name} size={68} />
      <h2 className={classes.name}>{name}</h2>
      <p className={classes.facts}>{facts}</p>
      {one.stopped_at && <Chip tone="warn">{t('card.stopped')}</Chip>}
      <Tags id={one.id} tags={one.tags} />
      <Balance id={one.id} />
      <Purchases id={one.id} />
      <Data one={one} />
    </div>
  );
}

const monthOf = (instant: string) => {
  const [, ...rest] = day(instant).split(' ');
  return rest.join(' ').replace(/\s*г\.?$/, '');
};

/** Tags, changed at once and put back when the program says no. */
function Tags({ id, tags }: { id: string; tags: string[] }) {
  const t = useWords('inbox');
  const may = useMay('contacts_write');
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const key = ['get', '/api/v1/contacts/{id}', { params: { path: { id } } }];
  const show = (change: (tags: string[]) => string[]) => {
    const before = client.getQueryData<{ tags: string[] }>(key);
    if (before) client.setQueryData(key, { ...before, tags: change(before.tags) });
    return before;
  };
  const undo = (problem: unknown, _: unknown, before: unknown) => {
    client.setQueryData(key, before);
    tellProblem(problem);
  };
  const add = api.useMutation('post', '/api/v1/contacts/{id}/tags', {
    onMutate: ({ body }) => show((now) => [...new Set([...now, ...body.tags])]),
    onError: undo,
  });
  const remove = api.useMutation('delete', '/api/v1/contacts/{id}/tags/{tag}', {
    onMutate: ({ params }) => show((now) => now.filter((tag) => tag !== params.path.tag)),
    onError: undo,
  });
  const done = (value: string) => {
    setAdding(false);
    const tag = value.trim();
    if (tag && !tags.includes(tag)) add.mutate({ params: { path: { id } }, body: { tags: [tag] } });
  };
  return (
    <div className={classes.tags}>
      {tags.map((tag, at) => (
        <Chip key={tag} tone={(['accent', 'info', 'ok'] as const)[at % 3]}>
          {tag}
          {may && (
            <button
              type="button"
              className={classes.remove}
              aria-label={t('card.removeTag', { tag })}
              onClick={() => remove.mutate({ params: { path: { id, tag } } })}
            >
              <IconX size={12} />
            </button>
          )}
        </Chip>
      ))}
      {may &&
        (adding ? (
          <TextInput
            size="xs"
            autoFocus
            maxLength={50}
            aria-label={t('card.tagName')}
            placeholder={t('card.tagName')}
            className={classes.tagField}
            onBlur={(event) => done(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') done(event.currentTarget.value);
              if (event.key === 'Escape') setAdding(false);
            }}
          />
        ) : (
          <button type="button" className={classes.addTag} onClick={() => setAdding(true)}>
            {t('card.addTag')}
          </button>
        ))}
    </div>
  );
}

/** The loyalty card with its balance. */
function Balance({ id }: { id: string }) {
  const t = useWords('inbox');
  const may = useMay('points_read');
  const wallet = api.useQuery(
    'get',
    '/api/v1/contacts/{id}/wallet',
    { params: { path: { id } } },
    { enabled: may },
  );
  if (!may || !wallet.data) return null;
  const { balance, held, card_number: card } = wallet.data;
  return (
    <section className={classes.loyalty} aria-label={t('card.guestCard')}>
      <div className={classes.number}>
        <span>{t('card.guestCard')}</span>
        <span className="num">{card ? card.replace(/(\d{4})(?=\d)/g, '$1 ') : t('card.noCard')}</span>
      </div>
      <p className={classes.balance}>
        <b className="num">{whole(balance)}</b> {t('card.balance', { count: balance })}
      </p>
      {held > 0 && <p className={classes.held}>{t('card.held', { points: whole(held) })}</p>}
    </section>
  );
}

/** What the guest bought, as far as the latest purchases say. */
function Purchases({ id }: { id: string }) {
  const t = useWords('inbox');
  const may = useMay('points_read');
  const [all, showAll] = useState(false);
  const query = { params: { path: { id }, query: { limit: 50 } } };
  const found = api.useQuery('get', '/api/v1/contacts/{id}/purchases', query, { enabled: may });
  if (!may || !found.data) return null;
  const items = found.data.items;
  const more = Boolean(found.data.next);
  const sum = items.reduce((total, one) => total + one.sum_minor - one.refunded_minor, 0);
  const earned = items.reduce((total, one) => total + one.earned, 0);
  const about = (text: string) => (more ? `≥ ${text}` : text);
  return (
    <>
      {items.length > 0 && (
        <dl className={classes.tiles}>
          <div>
            <dt>{t('card.spent')}</dt>
            <dd>{about(money(Math.round(sum / 100) * 100))}</dd>
          </div>
          <div>
            <dt>{t('card.average')}</dt>
            <dd>{money(Math.round(sum / items.length / 100) * 100)}</dd>
          </div>
          <div>
            <dt>{t('card.purchases')}</dt>
            <dd>{about(whole(items.length))}</dd>
          </div>
          <div>
            <dt>{t('card.earned')}</dt>
            <dd>{about(whole(earned))}</dd>
          </div>
        </dl>
      )}
      <section className={classes.part}>
        <div className={classes.partHead}>
          <h3>{t('card.latest')}</h3>
          {items.length > 3 && (
            <button type="button" className="link-button" onClick={() => showAll(!all)}>
              {all ? t('common:do.close') : t('common:do.showMore')}
            </button>
          )}
        </div>
        {items.length === 0 && <p className={classes.facts}>{t('card.nothing')}</p>}
        {items.slice(0, all ? 50 : 3).map((one) => (
          <div key={one.id} className={classes.purchase}>
            <span>{day(one.at)}</span>
            <b className="num">{money(one.sum_minor)}</b>
            {one.earned > 0 && (
              <Chip tone="ok">{t('card.purchaseEarned', { points: whole(one.earned) })}</Chip>
            )}
          </div>
        ))}
      </section>
    </>
  );
}

type Guest = NonNullable<ReturnType<typeof useGuest>['data']>;
const useGuest = (id: string) => api.useQuery('get', '/api/v1/contacts/{id}', { params: { path: { id } } });

function Data({ one }: { one: Guest }) {
  const t = useWords('inbox');
  const rows: [string, React.ReactNode][] = [];
  if (one.birthday)
    rows.push([
      t('card.birthday'),
      /^\d/.test(one.birthday) ? day(one.birthday).replace(/\s*\d{4}.*$/, '') : one.birthday,
    ]);
  if (one.source) rows.push([t('card.source'), one.source]);
  for (const [name, value] of Object.entries(one.fields as Record<string, unknown>)) {
    if (name !== 'city') rows.push([name, String(value)]);
  }
  for (const [purpose] of Object.entries(one.consents)) {
    rows.push([
      t('card.consents'),
      <Chip key={purpose} tone="ok" icon={<IconCheck />}>
        {t(`purposes.${purpose}`, { defaultValue: purpose })}
      </Chip>,
    ]);
  }
  return (
    <section className={classes.part}>
      <div className={classes.partHead}>
        <h3>{t('card.data')}</h3>
        <Button component="a" href={`/contacts/${one.id}`} variant="subtle" size="compact-sm" color="cobalt">
          {t('card.edit')}
        </Button>
      </div>
      <dl className={classes.data}>
        {rows.map(([name, value]) => (
          <div key={`${name}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
