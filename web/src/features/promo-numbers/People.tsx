import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { percent, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { ChartCard } from '../../ui/ChartCard';
import { KpiStrip } from '../../ui/KpiStrip';
import { Cell } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { Steps } from '../../ui/Steps';
import { TimeChart } from '../../ui/TimeChart';
import { heat, isHot } from './HeatMap';
import classes from './Numbers.module.css';
import { again, Behind, shortDay, Waiting } from './parts';

type PeopleNumbers = components['schemas']['PromotionPeople'];
type DaysNumbers = components['schemas']['PromotionDays'];

/** Who takes part, who comes again, and what their cards tell. */
export function People({ id }: { id: string }) {
  const t = useWords('promoNumbers');
  const people = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/people',
    { params: { path: { id } } },
    { refetchInterval: (query) => again(query.state.data?.counted) },
  );
  const days = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/days',
    { params: { path: { id } } },
    { refetchInterval: (query) => again(query.state.data?.counted) },
  );
  if (!people.data) return <Waiting query={people} />;
  const all = people.data;
  const each = (all.each / 100).toLocaleString(language(), { maximumFractionDigits: 1 });
  return (
    <>
      <Behind counted={all.counted} />
      <KpiStrip
        kpis={[
          { label: t('kpi.people'), value: whole(all.people) },
          {
            label: t('kpi.again'),
            value: whole(all.again),
            hint:
              all.people > 0 ? t('kpi.againHint', { share: percent(all.again / all.people, 0) }) : undefined,
          },
          { label: t('kpi.each'), value: all.people > 0 ? each : '—' },
          { label: t('kpi.fresh'), value: whole(days.data?.days.at(-1)?.fresh ?? 0) },
        ]}
      />
      <Cell span={7}>{days.data ? <Fresh days={days.data} /> : <Waiting query={days} />}</Cell>
      <Cell span={5}>
        <Often people={all} />
      </Cell>
      <Cell span={7}>
        <Cohorts people={all} />
      </Cell>
      <Cell span={5}>
        <Portrait people={all} />
      </Cell>
    </>
  );
}

function Fresh({ days }: { days: DaysNumbers }) {
  const t = useWords('promoNumbers');
  const labels = days.days.map((one) => shortDay(one.day));
  const series = [
    { label: t('fresh.fresh'), color: 'var(--c1)', values: days.days.map((one) => one.fresh) },
    { label: t('fresh.again'), color: 'var(--c2)', values: days.days.map((one) => one.people - one.fresh) },
  ];
  const sum = (values: number[]) => whole(values.reduce((all, one) => all + one, 0));
  const text = t('fresh.text', { fresh: sum(series[0]!.values), again: sum(series[1]!.values) });
  if (days.days.length === 0) {
    return (
      <Card title={t('fresh.title')}>
        <EmptyState title={t('fresh.empty')} />
      </Card>
    );
  }
  return (
    <ChartCard
      title={t('fresh.title')}
      subtitle={text}
      text={text}
      legend={series}
      height={260}
      table={{
        columns: [t('fresh.day'), t('fresh.fresh'), t('fresh.again')],
        rows: labels.map((label, at) => [label, ...series.map((one) => whole(one.values[at]!))]),
      }}
    >
      <TimeChart labels={labels} series={series} format={whole} />
    </ChartCard>
  );
}

function Often({ people }: { people: PeopleNumbers }) {
  const t = useWords('promoNumbers');
  const last = people.by_receipts.findLastIndex((count) => count > 0);
  const shown = people.by_receipts.slice(0, last + 1);
  return (
    <Card title={t('often.title')} subtitle={t('often.subtitle')}>
      {shown.length === 0 ? (
        <EmptyState title={t('often.empty')} />
      ) : (
        <Steps
          steps={shown.map((count, at) => ({
            label:
              at === people.by_receipts.length - 1
                ? t('often.more', { n: at + 1 })
                : t('often.name', { count: at + 1 }),
            value: count,
          }))}
        />
      )}
    </Card>
  );
}

function Cohorts({ people }: { people: PeopleNumbers }) {
  const t = useWords('promoNumbers');
  const weeks = Math.max(0, ...people.cohorts.map((one) => one.active.length));
  return (
    <Card title={t('cohorts.title')} subtitle={t('cohorts.subtitle')}>
      {people.cohorts.length === 0 ? (
        <EmptyState title={t('cohorts.empty')} />
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('cohorts.title')}>
          <table className={classes.cohorts}>
            <thead>
              <tr>
                <th scope="col">{t('cohorts.week')}</th>
                <th scope="col">{t('cohorts.people')}</th>
                {Array.from({ length: weeks }, (_, week) => week).map((week) => (
                  <th key={week} scope="col">
                    {week === 0 ? t('cohorts.first') : week}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {people.cohorts.map((cohort) => (
                <tr key={cohort.week}>
                  <th scope="row">{shortDay(cohort.week)}</th>
                  <td>{whole(cohort.active[0] ?? 0)}</td>
                  {cohort.active.map((active, week) => {
                    const share = active / Math.max(cohort.active[0] ?? 0, 1);
                    return (
                      <td
                        // biome-ignore lint/suspicious/noArrayIndexKey: weeks never move
                        key={week}
                        data-heat
                        data-hot={isHot(share) || undefined}
                        style={{ background: heat(share) }}
                        title={whole(active)}
                      >
                        {percent(share, 0)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Portrait({ people }: { people: PeopleNumbers }) {
  const t = useWords('promoNumbers');
  const { portrait } = people;
  if (portrait.of === 0) {
    return (
      <Card title={t('portrait.title')}>
        <EmptyState title={t('portrait.empty')} />
      </Card>
    );
  }
  const shares = (['known', 'members', 'buyers', 'phones'] as const).map((key) => ({
    label: t(`portrait.${key}`),
    value: portrait[key],
  }));
  const lists = (['tags', 'segments'] as const).filter((key) => portrait[key].length > 0);
  return (
    <Card title={t('portrait.title')} subtitle={t('portrait.subtitle', { n: whole(portrait.of) })}>
      <dl className={classes.facts}>
        {shares.map((one) => (
          <div key={one.label}>
            <dt>{one.label}</dt>
            <dd>
              {whole(one.value)} <small>{percent(one.value / portrait.of, 0)}</small>
            </dd>
          </div>
        ))}
      </dl>
      <h3 className={classes.part}>{t('portrait.balances')}</h3>
      <Steps
        steps={portrait.balances.map((count, at) => ({ label: t(`portrait.band.${at}`), value: count }))}
      />
      {lists.map((key) => (
        <div key={key}>
          <h3 className={classes.part}>{t(`portrait.${key}`)}</h3>
          <dl className={classes.facts}>
            {portrait[key].slice(0, 6).map((one) => (
              <div key={one.name}>
                <dt>{one.name}</dt>
                <dd>
                  {whole(one.people)} <small>{percent(one.people / portrait.of, 0)}</small>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
      {lists.length === 0 && <p className={classes.note}>{t('portrait.none')}</p>}
    </Card>
  );
}
