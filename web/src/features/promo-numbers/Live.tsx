import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { ago, clock, percent, span, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { ChartCard } from '../../ui/ChartCard';
import { Chip, type Tone } from '../../ui/Chip';
import { type Kpi, KpiStrip } from '../../ui/KpiStrip';
import { Cell } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { Steps } from '../../ui/Steps';
import { TimeChart } from '../../ui/TimeChart';
import classes from './Numbers.module.css';
import { Waiting } from './parts';

type LiveNumbers = components['schemas']['PromotionLive'];
type Provider = components['schemas']['PromotionProvider'];

const EVERY = 5_000;
const LATELY = 10;
const REASONS = 8;
/** An answer that takes longer is slow. */
const SLOW_MS = 5_000;

const seconds = (from: string, to: string) => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

/** What goes on right now, read again every few seconds. */
export function Live({ id }: { id: string }) {
  const query = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/live',
    { params: { path: { id } } },
    { refetchInterval: EVERY, placeholderData: (before: LiveNumbers | undefined) => before },
  );
  if (!query.data) return <Waiting query={query} />;
  const live = query.data;
  return (
    <>
      <Kpis live={live} />
      <Cell span={7}>
        <Minutes live={live} />
      </Cell>
      <Cell span={5}>
        <Queue live={live} />
      </Cell>
      <Cell span={7}>
        <Reasons live={live} />
      </Cell>
      <Cell span={5}>
        <div className={classes.column}>
          <Providers live={live} />
          {live.pools.length > 0 && <Pools live={live} />}
        </div>
      </Cell>
    </>
  );
}

function Kpis({ live }: { live: LiveNumbers }) {
  const t = useWords('promoNumbers');
  const { queue } = live;
  const lately = live.minutes.slice(-LATELY).reduce((sum, one) => sum + one.arrived, 0);
  const decided = live.tickets + live.refused;
  const drain =
    queue.due + queue.asked === 0
      ? t('kpi.queueNone')
      : queue.drained_in === null || queue.drained_in === undefined
        ? t('kpi.queueStands')
        : t('kpi.queueDrain', { span: span(queue.drained_in) });
  const kpis: Kpi[] = [
    { label: t('kpi.queue'), value: whole(queue.all), hint: drain, inverse: true },
    {
      label: t('kpi.lately'),
      value: whole(lately),
      hint: t('kpi.latelyHint', { n: whole(Math.round(lately / LATELY)) }),
    },
    {
      label: t('kpi.moderation'),
      value: whole(live.moderation),
      hint: live.moderation_since
        ? t('kpi.moderationSince', { span: span(seconds(live.moderation_since, live.at)) })
        : t('kpi.nobody'),
    },
    { label: t('kpi.participants'), value: whole(live.participants) },
    { label: t('kpi.tickets'), value: whole(live.tickets) },
    {
      label: t('kpi.refused'),
      value: whole(live.refused),
      hint: decided > 0 ? t('kpi.refusedShare', { share: percent(live.refused / decided, 0) }) : undefined,
    },
  ];
  return <KpiStrip kpis={kpis} />;
}

function Minutes({ live }: { live: LiveNumbers }) {
  const t = useWords('promoNumbers');
  const labels = live.minutes.map((one) => clock(one.at, live.zone));
  const series = [
    { label: t('minutes.arrived'), color: 'var(--c1)', values: live.minutes.map((one) => one.arrived) },
    {
      label: t('minutes.answered'),
      color: 'var(--c2)',
      values: live.minutes.map((one) => one.answered),
      dashed: true,
    },
  ];
  const sum = (values: number[]) => whole(values.reduce((all, one) => all + one, 0));
  const text = t('minutes.text', { arrived: sum(series[0]!.values), answered: sum(series[1]!.values) });
  return (
    <ChartCard
      title={t('minutes.title')}
      subtitle={text}
      text={text}
      legend={series}
      height={252}
      table={{
        columns: [t('minutes.minute'), t('minutes.arrived'), t('minutes.answered')],
        rows: live.minutes.map((one, at) => [labels[at]!, whole(one.arrived), whole(one.answered)]).reverse(),
      }}
    >
      <TimeChart labels={labels} series={series} format={whole} />
    </ChartCard>
  );
}

function Queue({ live }: { live: LiveNumbers }) {
  const t = useWords('promoNumbers');
  const { queue } = live;
  if (queue.all === 0) {
    return (
      <Card title={t('queue.title')}>
        <EmptyState title={t('queue.empty')} hint={t('queue.kept')} />
      </Card>
    );
  }
  const lines = [
    {
      label: t('queue.due'),
      value: queue.due,
      hint:
        queue.due_since && queue.due > 0
          ? t('queue.dueSince', { span: span(seconds(queue.due_since, live.at)) })
          : undefined,
    },
    { label: t('queue.asked'), value: queue.asked },
    { label: t('queue.later'), value: queue.later, hint: t('queue.laterHint') },
  ];
  return (
    <Card
      title={t('queue.title')}
      subtitle={queue.oldest && t('queue.oldest', { ago: ago(queue.oldest, Date.parse(live.at)) })}
    >
      <dl className={classes.facts}>
        {lines.map((line) => (
          <div key={line.label}>
            <dt>
              {line.label}
              {line.hint && <small>{line.hint}</small>}
            </dt>
            <dd>{whole(line.value)}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.note}>
        {t('queue.pace', { n: whole(queue.answered) })}. {t('queue.kept')}
      </p>
    </Card>
  );
}

function Reasons({ live }: { live: LiveNumbers }) {
  const t = useWords('promoNumbers');
  const russian = language() === 'ru';
  return (
    <Card title={t('reasons.title')} subtitle={t('reasons.subtitle')}>
      {live.reasons.length === 0 ? (
        <EmptyState title={t('reasons.empty')} />
      ) : (
        <Steps
          steps={live.reasons.slice(0, REASONS).map((one) => ({
            label: russian ? one.title_ru : one.title_en,
            value: one.receipts,
          }))}
        />
      )}
    </Card>
  );
}

/** How a provider does, in a word. */
function stateOf(one: Provider): [state: 'paused' | 'idle' | 'fine' | 'slow' | 'failing' | 'broken', Tone] {
  if (one.paused) return ['paused', 'plain'];
  if (one.asked === 0) return ['idle', 'plain'];
  if (one.failed === one.asked) return ['broken', 'bad'];
  if (one.failed * 5 > one.asked) return ['failing', 'warn'];
  return one.took_ms > SLOW_MS ? ['slow', 'warn'] : ['fine', 'ok'];
}

function Providers({ live }: { live: LiveNumbers }) {
  const t = useWords('promoNumbers');
  return (
    <Card title={t('providers.title')} subtitle={t('providers.subtitle')}>
      {live.providers.length === 0 ? (
        <p className={classes.note}>{t('providers.none')}</p>
      ) : (
        <ul className={classes.list}>
          {live.providers.map((one) => {
            const [state, tone] = stateOf(one);
            const trouble = one.last && ['quota', 'refused', 'error', 'later'].includes(one.last);
            const took = (one.took_ms / 1000).toLocaleString(language(), { maximumFractionDigits: 1 });
            return (
              <li key={one.id}>
                <div>
                  <b>{one.name}</b>
                  <Chip tone={tone}>{t(`providers.${state}`)}</Chip>
                </div>
                {one.asked > 0 && (
                  <p>
                    {t('providers.asked', {
                      asked: whole(one.asked),
                      found: whole(one.found),
                      missing: whole(one.missing),
                      failed: whole(one.failed),
                    })}
                    {' · '}
                    {t('providers.took', { seconds: took })}
                    {trouble ? ` · ${t(`providers.last.${one.last}`)}` : ''}
                  </p>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <Anchor component={Link} to="/receipt-providers" size="sm">
        {t('providers.open')}
      </Anchor>
    </Card>
  );
}

function Pools({ live }: { live: LiveNumbers }) {
  const t = useWords('promoNumbers');
  return (
    <Card title={t('pools.title')}>
      <ul className={classes.list}>
        {live.pools.map((pool) => (
          <li key={pool.partner}>
            <div>
              <b>{pool.partner}</b>
              {pool.left === 0 ? (
                <Chip tone="bad">{t('pools.out')}</Chip>
              ) : (
                pool.left <= pool.low_at && <Chip tone="warn">{t('pools.low')}</Chip>
              )}
            </div>
            <p>{t('pools.left', { left: whole(pool.left), all: whole(pool.left + pool.given) })}</p>
            <span className={classes.track}>
              <span style={{ width: `${(100 * pool.left) / Math.max(pool.left + pool.given, 1)}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
