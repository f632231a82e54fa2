import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { api } from '../../api/client';
import { language, useWords } from '../../i18n';
import { percent, short, whole } from '../../lib/format';
import { BarChart } from '../../ui/BarChart';
import { Card } from '../../ui/Card';
import { ChartCard } from '../../ui/ChartCard';
import { Cell } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { TimeChart } from '../../ui/TimeChart';
import { type Period, useFlow } from './flow';
import classes from './Reports.module.css';

const WEEKS_FROM = 120;

/** All that is drawn of a period. */
export function Charts({ period }: { period: Period }) {
  return (
    <>
      <Cell span={12}>
        <Flow period={period} />
      </Cell>
      <Cell span={6}>
        <Liability />
      </Cell>
      <Cell span={6}>
        <Breakage />
      </Cell>
      <Cell span={12}>
        <Returning period={period} />
      </Cell>
    </>
  );
}

type Query = { error: unknown; data: unknown; refetch: () => unknown };

/** What stands in place of a chart that is not there yet. */
function Waiting({ query, title }: { query: Query; title: string }) {
  return (
    <Card title={title}>
      {query.error ? (
        <ErrorNote problem={query.error} retry={() => void query.refetch()} />
      ) : (
        <RowsSkeleton rows={5} />
      )}
    </Card>
  );
}

/** The same report as a file. */
function Files({ name, query }: { name: string; query?: Record<string, string> }) {
  const t = useWords('reports');
  const to = (format: string) =>
    `/api/v1/reports/${name}?${new URLSearchParams({ ...query, format, locale: language() })}`;
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconDownload size={15} />}>
          {t('file')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {['xlsx', 'csv'].map((format) => (
          <Menu.Item key={format} component="a" href={to(format)} download>
            {t(format)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function monthName(month: string): string {
  const locale = language() === 'ru' ? 'ru-RU' : 'en-GB';
  const date = new Date(`${month}-15T00:00:00Z`);
  const text = new Intl.DateTimeFormat(locale, { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(
    date,
  );
  return text.replace(' г.', '');
}

function dayName(day: string): string {
  const locale = language() === 'ru' ? 'ru-RU' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(`${day}T12:00:00Z`),
  );
}

/** Points that came and went, by day; by week when there are many days. */
function Flow({ period }: { period: Period }) {
  const t = useWords('reports');
  const flow = useFlow(period);
  if (!flow.data) return <Waiting query={flow} title={t('flow.title')} />;
  const count = dayjs(period.to).diff(dayjs(period.from), 'day') + 1;
  const weeks = count > WEEKS_FROM;
  const step = weeks ? 7 : 1;
  const points = Array.from({ length: Math.ceil(count / step) }, (_, at) => ({
    at: dayjs(period.from)
      .add(at * step, 'day')
      .format('YYYY-MM-DD'),
    came: 0,
    went: 0,
  }));
  for (const line of flow.data.lines) {
    const point = points[Math.floor(dayjs(line.day).diff(dayjs(period.from), 'day') / step)];
    if (!point) continue;
    point.came += line.came;
    point.went += line.went;
  }
  const came = { label: t('flow.came'), color: 'var(--c1)' };
  const went = { label: t('flow.went'), color: 'var(--c2)' };
  const text = t('flow.text', { came: whole(flow.data.came), went: whole(flow.data.went) });
  return (
    <ChartCard
      title={t('flow.title')}
      subtitle={weeks ? t('flow.weeks') : t('flow.subtitle')}
      text={text}
      legend={[came, went]}
      height={280}
      aside={<Files name="flow" query={period} />}
      table={{
        columns: [weeks ? t('flow.week') : t('flow.day'), t('flow.came'), t('flow.went')],
        rows: points.map((point) => [dayName(point.at), whole(point.came), whole(point.went)]),
      }}
    >
      {flow.data.operations === 0 ? (
        <EmptyState title={t('flow.empty')} />
      ) : (
        <TimeChart
          labels={points.map((point) => dayName(point.at))}
          series={[
            { ...came, values: points.map((point) => point.came) },
            { ...went, values: points.map((point) => point.went) },
          ]}
          format={short}
        />
      )}
    </ChartCard>
  );
}

/** What is owed, by the month in which it ends. */
function Liability() {
  const t = useWords('reports');
  const owed = api.useQuery('get', '/api/v1/reports/liability');
  if (!owed.data) return <Waiting query={owed} title={t('liability.title')} />;
  const { months, never, points } = owed.data;
  const shown = months.map((month) => ({ at: month.month, points: month.points, held: month.held }));
  if (never.points > 0) shown.push({ at: 'never', points: never.points, held: never.held });
  const named = (at: string) => (at === 'never' ? t('liability.never') : monthName(at));
  return (
    <ChartCard
      title={t('liability.title')}
      subtitle={t('liability.subtitle')}
      text={t('liability.text', { points: whole(points), never: whole(never.points) })}
      aside={<Files name="liability" />}
      table={{
        columns: [t('liability.month'), t('liability.points'), t('liability.held')],
        rows: shown.map((month) => [named(month.at), whole(month.points), whole(month.held)]),
      }}
    >
      {points === 0 ? (
        <EmptyState title={t('liability.empty')} />
      ) : (
        <BarChart
          labels={shown.map((month) => named(month.at))}
          series={[
            { label: t('liability.points'), color: 'var(--c1)', values: shown.map((month) => month.points) },
          ]}
          format={short}
        />
      )}
    </ChartCard>
  );
}

/** What became of what was earned, month by month. */
function Breakage() {
  const t = useWords('reports');
  const report = api.useQuery('get', '/api/v1/reports/breakage');
  if (!report.data) return <Waiting query={report} title={t('breakage.title')} />;
  const cohorts = report.data.cohorts.slice(-24);
  const sum = (of: 'earned' | 'expired') => cohorts.reduce((all, one) => all + one[of], 0);
  const part = (key: 'used' | 'left' | 'expired', color: string) => ({
    label: t(`breakage.${key}`),
    color,
    values: cohorts.map((one) => one[key]),
  });
  const parts = [part('used', 'var(--c4)'), part('left', 'var(--c3)'), part('expired', 'var(--c6)')];
  return (
    <ChartCard
      title={t('breakage.title')}
      subtitle={t('breakage.subtitle')}
      text={t('breakage.text', { earned: whole(sum('earned')), expired: whole(sum('expired')) })}
      legend={parts}
      aside={<Files name="breakage" />}
      table={{
        columns: ['month', 'earned', 'used', 'expired', 'left'].map((key) => t(`breakage.${key}`)),
        rows: cohorts.map((one) => [
          monthName(one.month),
          whole(one.earned),
          whole(one.used),
          whole(one.expired),
          whole(one.left),
        ]),
      }}
    >
      {cohorts.length === 0 ? (
        <EmptyState title={t('breakage.empty')} />
      ) : (
        <BarChart labels={cohorts.map((one) => monthName(one.month))} series={parts} format={short} />
      )}
    </ChartCard>
  );
}

const WITHIN = 30;

/** Those who were warned against those who could not be. */
function Returning({ period }: { period: Period }) {
  const t = useWords('reports');
  const query = { ...period, within_days: WITHIN };
  const report = api.useQuery(
    'get',
    '/api/v1/reports/returning',
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  if (!report.data) return <Waiting query={report} title={t('returning.title')} />;
  const { warned, not_warned: rest } = report.data;
  const share = (group: typeof warned) => (group.customers > 0 ? group.returned / group.customers : 0);
  const groups = [
    { key: 'warned', label: t('returning.warned'), group: warned },
    { key: 'not', label: t('returning.notWarned'), group: rest },
  ];
  const lift = Math.round(100 * (share(warned) - share(rest)));
  const empty = warned.customers + rest.customers === 0;
  return (
    <ChartCard
      title={t('returning.title')}
      subtitle={t('returning.subtitle')}
      text={t('returning.text', { warned: percent(share(warned)), not: percent(share(rest)) })}
      height={150}
      aside={<Files name="returning" query={{ ...period, within_days: String(WITHIN) }} />}
      table={{
        columns: [
          t('returning.group'),
          t('returning.customers'),
          t('returning.returned'),
          t('returning.points'),
        ],
        rows: groups.map(({ label, group }) => [
          label,
          whole(group.customers),
          `${whole(group.returned)} · ${percent(share(group))}`,
          whole(group.points),
        ]),
      }}
    >
      {empty ? (
        <EmptyState title={t('returning.empty')} />
      ) : (
        <div className={classes.groups}>
          {groups.map(({ key, label, group }) => (
            <div key={key} className={classes.group}>
              <span>{label}</span>
              <span className={classes.track}>
                <span data-key={key} style={{ width: `${100 * share(group)}%` }} />
              </span>
              <b>
                {percent(share(group))}{' '}
                <small>{`${whole(group.returned)} / ${whole(group.customers)}`}</small>
              </b>
            </div>
          ))}
          <p>
            {t('returning.within', { count: WITHIN })}
            {lift > 0 && warned.customers > 0 && rest.customers > 0
              ? `. ${t('returning.lift', { n: whole(lift) })}`
              : ''}
          </p>
        </div>
      )}
    </ChartCard>
  );
}
