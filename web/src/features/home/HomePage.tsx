import { SegmentedControl, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { moment, money, short, shortMoney, span, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { ChartCard } from '../../ui/ChartCard';
import { Chip } from '../../ui/Chip';
import { type Kpi, KpiStrip } from '../../ui/KpiStrip';
import { Cell, Page } from '../../ui/Page';
import { AfterMoment, ErrorNote } from '../../ui/States';
import { Steps } from '../../ui/Steps';
import { TimeChart } from '../../ui/TimeChart';
import { FirstSteps } from './FirstSteps';
import classes from './Home.module.css';
import './words';

type Dashboard = components['schemas']['Dashboard'];

const PERIODS = { week: 7, month: 30, quarter: 90 } as const;
type Period = keyof typeof PERIODS;

const change = (now: number, before: number): number | undefined =>
  before === 0 ? undefined : (now - before) / before;

/** How the company is doing. */
export default function HomePage() {
  const t = useWords('home');
  const go = useNavigate();
  const asked = (useSearch({ strict: false }) as { period?: Period }).period;
  const period = asked && asked in PERIODS ? asked : 'month';
  const to = dayjs();
  const query =
    period === 'month'
      ? {}
      : { from: to.subtract(PERIODS[period] - 1, 'day').format('YYYY-MM-DD'), to: to.format('YYYY-MM-DD') };
  const board = api.useQuery(
    'get',
    '/api/v1/insights/dashboard',
    { params: { query } },
    { refetchInterval: 60_000, placeholderData: (before: Dashboard | undefined) => before },
  );
  const choose = (
    <SegmentedControl
      aria-label={t('period.label')}
      value={period}
      onChange={(value) => void go({ to: '/home', search: { period: value } as never, replace: true })}
      data={(Object.keys(PERIODS) as Period[]).map((value) => ({ value, label: t(`period.${value}`) }))}
    />
  );
  return (
    <Page title={t('title')} actions={choose}>
      {board.error ? (
        <ErrorNote problem={board.error} retry={() => void board.refetch()} />
      ) : board.data ? (
        <Board board={board.data} />
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <AfterMoment>
      <Skeleton height={112} radius={14} />
      <Cell span={7}>
        <Skeleton height={320} radius={14} />
      </Cell>
      <Cell span={5}>
        <Skeleton height={320} radius={14} />
      </Cell>
    </AfterMoment>
  );
}

function Board({ board }: { board: Dashboard }) {
  const t = useWords('home');
  const manages = useMay('channels_manage');
  return (
    <>
      {board.backup_failure && <BackupFailed failure={board.backup_failure} zone={board.zone} />}
      {manages && <FirstSteps contacts={board.contacts} />}
      <KpiStrip kpis={useKpis(board)} />
      {board.promotions.length > 0 && <Promotions board={board} />}
      <Cell span={7}>
        <People board={board} />
      </Cell>
      <Cell span={5}>
        <Card title={t('funnel.title')} subtitle={t('funnel.subtitle')}>
          <Steps
            funnel
            from={(share) => t('funnel.from', { share })}
            steps={(['came', 'registered', 'bought', 'again'] as const).map((step) => ({
              label: t(`funnel.${step}`),
              value: board.funnel[step],
            }))}
          />
        </Card>
      </Cell>
      <Cell span={7}>
        <Points board={board} />
      </Cell>
      <Cell span={5}>
        <div className={classes.column}>
          <Sources board={board} />
          <Ending board={board} />
        </div>
      </Cell>
    </>
  );
}

function BackupFailed({ failure, zone }: { failure: components['schemas']['BackupFailure']; zone: string }) {
  const t = useWords('home');
  return (
    <p className={classes.failure} role="alert">
      <IconAlertTriangle size={20} aria-hidden />
      <span>
        <b>{t('backup.failed', { at: moment(failure.at, zone) })}</b> {failure.why}
      </span>
      <Link to={'/backups' as never}>{t('backup.open')}</Link>
    </p>
  );
}

/** Promotions that take receipts right now. */
function Promotions({ board }: { board: Dashboard }) {
  const t = useWords('home');
  return board.promotions.map((one) => (
    <Cell key={one.id} span={board.promotions.length === 1 ? 12 : 6}>
      <Card
        title={
          <Link to="/promotions/$id/numbers" params={{ id: one.id } as never} className={classes.promotion}>
            {one.name}
          </Link>
        }
        subtitle={t('promotions.until', { day: moment(one.ends_at, board.zone) })}
        aside={
          one.moderation > 0 && (
            <Chip tone="warn">{t('promotions.moderation', { count: one.moderation })}</Chip>
          )
        }
      >
        <dl className={classes.tile}>
          {(['today', 'lately', 'queue', 'participants', 'tickets'] as const).map((key) => (
            <div key={key}>
              <dt>{t(`promotions.${key}`)}</dt>
              <dd>{whole(one[key])}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </Cell>
  ));
}

function useKpis(board: Dashboard): Kpi[] {
  const t = useWords('home');
  const { now, before, days } = board;
  const trend = (of: keyof Dashboard['now']) => days.map((day) => day.sums[of]);
  const trades = now.purchases > 0 || now.deals === 0;
  const waits = board.waiting_since
    ? t('kpi.waitingSince', { span: span((Date.parse(board.at) - Date.parse(board.waiting_since)) / 1000) })
    : t('kpi.nobody');
  return [
    {
      label: t('kpi.came'),
      value: whole(now.came),
      change: change(now.came, before.came),
      trend: trend('came'),
    },
    { label: t('kpi.active'), value: whole(now.active), change: change(now.active, before.active) },
    trades
      ? {
          label: t('kpi.turnover'),
          value:
            now.turnover_minor >= 10_000_000 ? shortMoney(now.turnover_minor) : money(now.turnover_minor),
          change: change(now.turnover_minor, before.turnover_minor),
          trend: trend('turnover_minor'),
        }
      : {
          label: t('kpi.deals'),
          value: whole(now.deals),
          change: change(now.deals, before.deals),
          trend: trend('deals'),
        },
    {
      label: t('kpi.spent'),
      value: whole(now.spent),
      change: change(now.spent, before.spent),
      trend: trend('spent'),
    },
    { label: t('kpi.waiting'), value: whole(board.waiting), hint: waits },
    {
      label: t('kpi.reach'),
      value: whole(board.reachable),
      hint: t('kpi.reachOf', { count: whole(board.contacts) as never }),
    },
  ];
}

const dayOf = (day: string) => dayjs(day).toDate();
const shortDay = (day: string, language: string) =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'ru-RU', { day: 'numeric', month: 'short' })
    .format(dayOf(day))
    .replace('.', '');

function useDays(board: Dashboard): string[] {
  const language = document.documentElement.lang;
  return board.days.map((one) => shortDay(one.day, language));
}

function People({ board }: { board: Dashboard }) {
  const t = useWords('home');
  const labels = useDays(board);
  const came = board.days.map((one) => one.sums.came);
  const registered = board.days.map((one) => one.sums.registered);
  const most = Math.max(0, ...came);
  const best = most ? t('people.best', { day: labels[came.indexOf(most)], count: most }) : t('people.quiet');
  const series = [
    { label: t('people.came'), color: 'var(--c1)', values: came },
    { label: t('people.registered'), color: 'var(--c6)', values: registered, dashed: true },
  ];
  return (
    <ChartCard
      title={t('people.title')}
      subtitle={best}
      text={best}
      legend={series}
      height={248}
      table={{
        columns: [t('people.day'), t('people.came'), t('people.registered')],
        rows: labels.map((label, at) => [label, whole(came[at]!), whole(registered[at]!)]),
      }}
    >
      <TimeChart labels={labels} series={series} format={whole} />
    </ChartCard>
  );
}

function Points({ board }: { board: Dashboard }) {
  const t = useWords('home');
  const labels = useDays(board);
  const series = [
    { label: t('points.earned'), color: 'var(--c2)', values: board.days.map((one) => one.sums.earned) },
    { label: t('points.spent'), color: 'var(--c1)', values: board.days.map((one) => one.sums.spent) },
    {
      label: t('points.expired'),
      color: 'var(--c6)',
      values: board.days.map((one) => one.sums.expired),
      dashed: true,
    },
  ];
  const { earned, spent, expired } = board.now;
  const said = t('points.subtitle', { earned: whole(earned), spent: whole(spent), expired: whole(expired) });
  return (
    <ChartCard
      title={t('points.title')}
      subtitle={said}
      text={said}
      legend={series}
      height={280}
      table={{
        columns: [t('people.day'), ...series.map((one) => one.label)],
        rows: labels.map((label, at) => [label, ...series.map((one) => whole(one.values[at]!))]),
      }}
    >
      <TimeChart labels={labels} series={series} format={(value) => short(value)} />
    </ChartCard>
  );
}

function Sources({ board }: { board: Dashboard }) {
  const t = useWords('home');
  return (
    <Card title={t('sources.title')} subtitle={t('sources.subtitle')}>
      {board.sources.length === 0 ? (
        <p className={classes.none}>{t('sources.none')}</p>
      ) : (
        <Steps
          steps={board.sources.slice(0, 5).map((one) => ({
            label: one.title || one.source || t('sources.unknown'),
            value: one.came,
          }))}
        />
      )}
    </Card>
  );
}

function Ending({ board }: { board: Dashboard }) {
  const t = useWords('home');
  const language = document.documentElement.lang;
  const all = board.ending.reduce((sum, one) => sum + one.points, 0);
  return (
    <Card
      title={t('ending.title')}
      subtitle={
        all ? t('ending.subtitle', { points: t('common:say.points', { count: all }) }) : t('ending.none')
      }
    >
      {all > 0 && (
        <ul className={classes.ending}>
          {board.ending.slice(0, 4).map((one) => (
            <li key={one.day}>
              <span>{t('ending.until', { day: shortDay(one.day, language) })}</span>
              <b>{t('common:say.points', { count: one.points })}</b>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
