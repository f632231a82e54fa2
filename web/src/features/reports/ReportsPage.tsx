import './words';
import { SegmentedControl, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { percent, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { KpiStrip } from '../../ui/KpiStrip';
import { Cell, Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { Charts } from './Charts';
import { type Period, useFlow } from './flow';
import classes from './Reports.module.css';
import { byKind, byWho, Totals } from './Totals';

const SPANS = ['7', '30', '90', '365'] as const;
const ISO = 'YYYY-MM-DD';

type Search = { span?: string; from?: string; to?: string };

function periodOf(search: Search): Period {
  if (search.span === 'own' && search.from && search.to) return { from: search.from, to: search.to };
  const days = Number(search.span ?? 30) || 30;
  return {
    from: dayjs()
      .subtract(days - 1, 'day')
      .format(ISO),
    to: dayjs().format(ISO),
  };
}

/** What comes, what goes, what is owed, and whether warnings bring people back. */
export default function ReportsPage() {
  const t = useWords('reports');
  const go = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const period = periodOf(search);
  const at = (next: Search) => void go({ to: '/reports', search: next as never, replace: true });
  const span = search.span ?? '30';
  return (
    <Page title={t('title')} actions={<PeriodPicker span={String(span)} period={period} set={at} />}>
      <Numbers period={period} />
      <Charts period={period} />
      <Tables period={period} />
    </Page>
  );
}

function PeriodPicker({ span, period, set }: { span: string; period: Period; set: (next: Search) => void }) {
  const t = useWords('reports');
  return (
    <div className={classes.period} role="group" aria-label={t('period')}>
      {span === 'own' && (
        <>
          <TextInput
            type="date"
            aria-label={t('from')}
            value={period.from}
            max={period.to}
            onChange={(event) =>
              event.currentTarget.value && set({ span, ...period, from: event.currentTarget.value })
            }
          />
          <TextInput
            type="date"
            aria-label={t('to')}
            value={period.to}
            min={period.from}
            onChange={(event) =>
              event.currentTarget.value && set({ span, ...period, to: event.currentTarget.value })
            }
          />
        </>
      )}
      <SegmentedControl
        value={span}
        onChange={(next) => set(next === 'own' ? { span: next, ...period } : { span: next })}
        aria-label={t('period')}
        data={[...SPANS, 'own'].map((value) => ({ value, label: t(`days.${value}`) }))}
      />
    </div>
  );
}

function Numbers({ period }: { period: Period }) {
  const t = useWords('reports');
  const flow = useFlow(period);
  const owed = api.useQuery('get', '/api/v1/reports/liability');
  if (!flow.data || !owed.data) return flow.error ? null : <RowsSkeleton rows={1} height={110} />;
  const spent = flow.data.lines
    .filter((line) => line.kind === 'spend' || line.kind === 'capture')
    .reduce((sum, line) => sum + line.went, 0);
  return (
    <KpiStrip
      kpis={[
        {
          label: t('kpi.owed'),
          value: whole(owed.data.points),
          hint: owed.data.held > 0 ? t('kpi.owedHint', { n: whole(owed.data.held) }) : undefined,
        },
        { label: t('kpi.came'), value: whole(flow.data.came) },
        { label: t('kpi.went'), value: whole(flow.data.went) },
        {
          label: t('kpi.share'),
          value: flow.data.came > 0 ? percent(spent / flow.data.came) : '—',
          hint: t('kpi.shareHint'),
        },
        { label: t('kpi.operations'), value: whole(flow.data.operations) },
      ]}
    />
  );
}

function Tables({ period }: { period: Period }) {
  const t = useWords('reports');
  const flow = useFlow(period);
  if (flow.error) return <Card>{<ErrorNote problem={flow.error} retry={() => void flow.refetch()} />}</Card>;
  if (!flow.data) return <RowsSkeleton rows={6} />;
  return (
    <>
      <Cell span={6}>
        <Totals
          title={t('sources.title')}
          subtitle={t('sources.subtitle')}
          name={t('sources.name')}
          totals={byKind(flow.data.lines, t)}
        />
      </Cell>
      <Cell span={6}>
        <Totals
          title={t('people.title')}
          subtitle={t('people.subtitle')}
          name={t('people.name')}
          totals={byWho(flow.data.lines, t)}
        />
      </Cell>
    </>
  );
}
