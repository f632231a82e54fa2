import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { day, moment, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Deals.module.css';
import type { Deal, Pipeline } from './model';
import { useMoveDeal } from './moves';

type Staff = components['schemas']['Staff'];
type CardProps = { id: string; pipelines: Pipeline[]; staff: Staff[] };

/** One deal: where it stands, what it is about, how it came here. */
export function DealCard({ id, pipelines, staff }: CardProps) {
  const deal = api.useQuery('get', '/api/v1/deals/{id}', { params: { path: { id } } });
  if (deal.error) return <ErrorNote problem={deal.error} retry={() => void deal.refetch()} />;
  const pipeline = pipelines.find((one) => one.id === deal.data?.pipeline_id);
  if (!deal.data || !pipeline) return <RowsSkeleton />;
  return <Shown key={deal.data.revision} deal={deal.data} pipeline={pipeline} staff={staff} />;
}

function Shown({ deal, pipeline, staff }: { deal: Deal; pipeline: Pipeline; staff: Staff[] }) {
  const t = useWords('deals');
  const may = useMay('contacts_write');
  const client = useQueryClient();
  const move = useMoveDeal(pipeline, undefined);
  const [title, setTitle] = useState(deal.title);
  const [sum, setSum] = useState(deal.sum ?? undefined);
  const [whose, setWhose] = useState(deal.responsible_id ?? null);
  const [busy, setBusy] = useState(false);
  const { stages } = pipeline.pipeline;
  const changed =
    title !== deal.title || sum !== (deal.sum ?? undefined) || whose !== (deal.responsible_id ?? null);
  const save = async () => {
    setBusy(true);
    try {
      await fetcher.PATCH('/api/v1/deals/{id}', {
        params: { path: { id: deal.id } },
        body: { revision: deal.revision, title, sum: sum ?? null, responsible_id: whose },
      });
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/deals'),
      });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/pipelines/totals'] });
      tell(t('saved'));
    } catch (problem) {
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const turn = async (key: string | null) => {
    const to = stages.find((one) => one.key === key);
    if (to) await move(deal, to);
  };
  return (
    <div className={classes.card}>
      <div className={classes.chips}>
        {deal.order && (
          <Chip tone={deal.order.state === 'open' ? 'warn' : 'plain'}>{t(`order.${deal.order.state}`)}</Chip>
        )}
        {deal.order?.state === 'open' && deal.order.until && (
          <Chip>{t('until', { date: day(deal.order.until) })}</Chip>
        )}
      </div>
      <Select
        label={t('card.stage')}
        value={deal.stage}
        onChange={(key) => void turn(key)}
        data={stages.map((one) => ({ value: one.key, label: one.name[language()] }))}
        allowDeselect={false}
        disabled={!may}
      />
      <TextInput
        label={t('card.title')}
        value={title}
        maxLength={120}
        onChange={(event) => setTitle(event.currentTarget.value)}
        disabled={!may}
      />
      <NumberInput
        label={t('card.sum')}
        value={sum === undefined ? '' : sum / 100}
        onChange={(typed) => setSum(typed === '' ? undefined : Math.round(Number(typed) * 100))}
        thousandSeparator={'\u00a0'}
        decimalSeparator=","
        decimalScale={2}
        allowNegative={false}
        suffix={'\u00a0₽'}
        disabled={!may}
      />
      {staff.length > 0 && (
        <Select
          label={t('card.responsible')}
          placeholder={t('nobody')}
          clearable
          value={whose}
          onChange={setWhose}
          data={staff.map((one) => ({ value: one.id, label: one.name || one.email || one.id }))}
          disabled={!may}
        />
      )}
      {changed && (
        <Button onClick={() => void save()} loading={busy} disabled={!title.trim()}>
          {t('do.save', { ns: 'common' })}
        </Button>
      )}
      <dl className={classes.facts}>
        {deal.items.length > 0 && (
          <div>
            <dt>{t('card.items')}</dt>
            <dd>
              {deal.items
                .map((item) => (item.quantity > 1 ? `${item.name} × ${item.quantity}` : item.name))
                .join(', ')}
            </dd>
          </div>
        )}
        {deal.points > 0 && (
          <div>
            <dt>{t('card.points')}</dt>
            <dd>{whole(deal.points)}</dd>
          </div>
        )}
        {deal.accrued > 0 && (
          <div>
            <dt>{t('card.accrued')}</dt>
            <dd>+{whole(deal.accrued)}</dd>
          </div>
        )}
        <div>
          <dt>{t('card.source')}</dt>
          <dd>{t(`source.${deal.source}`)}</dd>
        </div>
        <div>
          <dt>{t('card.created')}</dt>
          <dd>{moment(deal.created_at)}</dd>
        </div>
      </dl>
      <Link to={`/contacts/${deal.contact_id}` as string}>{t('card.guest')}</Link>
      <Changes deal={deal} pipeline={pipeline} staff={staff} />
    </div>
  );
}

function Changes({ deal, pipeline, staff }: { deal: Deal; pipeline: Pipeline; staff: Staff[] }) {
  const t = useWords('deals');
  const params = { path: { id: deal.id }, query: { limit: 50 } };
  const changes = api.useQuery('get', '/api/v1/deals/{id}/history', { params });
  const stage = (key: string) =>
    pipeline.pipeline.stages.find((one) => one.key === key)?.name[language()] ?? key;
  const who = (actor: string) => {
    const person = staff.find((one) => one.id === actor);
    if (person) return person.name || person.email;
    if (actor.startsWith('con_')) return deal.contact_name ?? t('by.contact');
    if (actor.startsWith('key_')) return t('by.key');
    return actor === 'system' || actor === 'setup' ? t(`by.${actor}`) : undefined;
  };
  if (changes.error) return <ErrorNote problem={changes.error} retry={() => void changes.refetch()} />;
  return (
    <section>
      <h2 className={classes.historyTitle}>{t('card.history')}</h2>
      {changes.isPending && <RowsSkeleton rows={3} />}
      <ol className={classes.history}>
        {changes.data?.items.map((change) => (
          <li key={change.id}>
            <span>
              {change.was
                ? t('card.to', { was: stage(change.was), stage: stage(change.stage) })
                : t('card.made')}
            </span>
            <span>{[moment(change.at), who(change.actor), change.note].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
