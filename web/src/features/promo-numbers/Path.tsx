import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { money, percent, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { ChartCard } from '../../ui/ChartCard';
import { Cell } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { Steps } from '../../ui/Steps';
import { TimeChart } from '../../ui/TimeChart';
import { again, Bars, Behind, shortDay, Waiting } from './parts';

type PathNumbers = components['schemas']['PromotionPath'];
type DaysNumbers = components['schemas']['PromotionDays'];

const SOURCES = 12;

/** How far people come, where they stop, where they came from. */
export function Path({ id }: { id: string }) {
  const path = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/path',
    { params: { path: { id } } },
    { refetchInterval: 30_000 },
  );
  const days = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/days',
    { params: { path: { id } } },
    { refetchInterval: (query) => again(query.state.data?.counted) },
  );
  if (!path.data) return <Waiting query={path} />;
  return (
    <>
      {days.data && <Behind counted={days.data.counted} />}
      <Cell span={6}>
        <Funnel path={path.data} />
      </Cell>
      <Cell span={6}>
        <Stuck path={path.data} />
      </Cell>
      <Cell span={12}>{days.data ? <Days days={days.data} /> : <Waiting query={days} />}</Cell>
      <Cell span={12}>
        <Sources path={path.data} />
      </Cell>
    </>
  );
}

function Funnel({ path }: { path: PathNumbers }) {
  const t = useWords('promoNumbers');
  // Whoever joined by hand or before the scenario was published never opened it, nor was asked.
  const before = (['opened', 'asked'] as const).filter((step) => (path[step] ?? -1) >= path.joined);
  const shown = [...before, ...(['joined', 'sent', 'accepted', 'twice', 'thrice', 'five'] as const)].map(
    (step) => ({ label: t(`path.${step}`), value: path[step] ?? 0 }),
  );
  return (
    <Card title={t('path.title')} subtitle={t('path.subtitle')}>
      {shown.every((step) => step.value === 0) ? (
        <EmptyState title={t('path.empty')} />
      ) : (
        <Steps funnel steps={shown} from={(share) => t('path.from', { share })} />
      )}
    </Card>
  );
}

function Stuck({ path }: { path: PathNumbers }) {
  const t = useWords('promoNumbers');
  const most = Math.max(1, ...path.stuck.map((one) => one.entered - one.left));
  return (
    <Card title={t('stuck.title')} subtitle={t('stuck.subtitle')}>
      {path.stuck.length === 0 ? (
        <EmptyState
          title={path.opened === null || path.opened === undefined ? t('stuck.noScenario') : t('stuck.empty')}
        />
      ) : (
        <Bars
          label={t('stuck.title')}
          columns={[t('stuck.step'), t('stuck.entered'), t('stuck.silent')]}
          rows={path.stuck.map((one) => {
            const silent = one.entered - one.left;
            return {
              key: `${one.scenario}/${one.step}`,
              name: one.step,
              hint: one.name,
              share: silent / most,
              cells: [whole(one.entered), `${whole(silent)} · ${percent(silent / one.entered, 0)}`],
            };
          })}
        />
      )}
      {path.stuck[0] && (
        <Anchor component={Link} to={`/scenarios/${path.stuck[0].scenario}`} size="sm">
          {path.stuck[0].name}
        </Anchor>
      )}
    </Card>
  );
}

function Days({ days }: { days: DaysNumbers }) {
  const t = useWords('promoNumbers');
  const labels = days.days.map((one) => shortDay(one.day));
  const series = [
    { label: t('days.accepted'), color: 'var(--c1)', values: days.days.map((one) => one.accepted) },
    {
      label: t('days.refused'),
      color: 'var(--c6)',
      values: days.days.map((one) => one.refused),
      dashed: true,
    },
  ];
  const sum = (values: number[]) => whole(values.reduce((all, one) => all + one, 0));
  const most = Math.max(0, ...series[0]!.values);
  const text = t('days.text', {
    accepted: sum(series[0]!.values),
    refused: sum(series[1]!.values),
    day: labels[series[0]!.values.indexOf(most)] ?? '',
  });
  if (days.days.length === 0) {
    return (
      <Card title={t('days.title')}>
        <EmptyState title={t('days.empty')} />
      </Card>
    );
  }
  return (
    <ChartCard
      title={t('days.title')}
      subtitle={text}
      text={text}
      legend={series}
      height={250}
      table={{
        columns: [t('days.day'), t('days.accepted'), t('days.refused'), t('days.sum')],
        rows: days.days.map((one, at) => [
          labels[at]!,
          whole(one.accepted),
          whole(one.refused),
          money(one.sum),
        ]),
      }}
    >
      <TimeChart labels={labels} series={series} format={whole} />
    </ChartCard>
  );
}

function Sources({ path }: { path: PathNumbers }) {
  const t = useWords('promoNumbers');
  const shown = path.sources.slice(0, SOURCES);
  const most = Math.max(1, ...shown.map((one) => one.people));
  return (
    <Card title={t('sources.title')} subtitle={t('sources.subtitle')}>
      {shown.length === 0 ? (
        <EmptyState title={t('sources.empty')} />
      ) : (
        <Bars
          label={t('sources.title')}
          columns={[
            t('sources.name'),
            t('sources.people'),
            t('sources.receipts'),
            t('sources.each'),
            t('sources.sum'),
          ]}
          rows={shown.map((one) => ({
            key: one.source,
            name: one.source || t('sources.unknown'),
            share: one.people / most,
            cells: [
              whole(one.people),
              whole(one.receipts),
              one.people > 0 ? whole(Math.round((10 * one.receipts) / one.people) / 10) : '—',
              money(one.sum),
            ],
          }))}
        />
      )}
    </Card>
  );
}
