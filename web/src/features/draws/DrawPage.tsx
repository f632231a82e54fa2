import './words';
import { Anchor } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { money, whole } from '../../lib/format';
import type { Promotion } from '../../lib/promotions';
import { Card } from '../../ui/Card';
import { Cell } from '../../ui/Page';
import { PromotionPage } from '../../ui/PromotionPage';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { Announced, Files } from './Announced';
import classes from './Draws.module.css';
import { Held } from './Held';
import { Hold } from './Hold';
import { type Draw, Facts, StateChip, useIds, useMoment } from './parts';
import { Freezing, Readiness } from './Readiness';
import { Tray } from './Tray';
import { Winners } from './Winners';

const STEPS = ['planned', 'frozen', 'drawn', 'published'] as const;

/** One draw from its plan to its winners: what stands, and what comes next. */
export default function DrawPage() {
  return <PromotionPage tab="draws">{(promotion) => <One promotion={promotion} />}</PromotionPage>;
}

function One({ promotion }: { promotion: Promotion }) {
  const t = useWords('draws');
  const { id, draw: number, place } = useIds();
  const query = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/draws/{draw}',
    { params: { path: { id, draw: number } } },
    { refetchInterval: (query) => (query.state.data?.state === 'freezing' ? 1_500 : false) },
  );
  if (query.error && !query.data)
    return <ErrorNote problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <RowsSkeleton rows={4} height={120} />;
  const draw = query.data;
  const over = draw.state === 'drawn' || draw.state === 'published';
  return (
    <>
      <div className={classes.head}>
        <Anchor component={Link} to={`/promotions/${id}/draws`} size="sm">
          {t('back')}
        </Anchor>
        <h2>
          {draw.name} <StateChip state={draw.state} />
        </h2>
        <Progress draw={draw} />
      </div>
      <Cell span={8}>
        <div className={classes.column}>
          {draw.state === 'planned' && <Readiness draw={draw} promotion={promotion} />}
          {draw.state === 'freezing' && <Freezing draw={draw} />}
          {draw.state === 'frozen' && <Hold draw={draw} />}
          {draw.state === 'drawn' && <Held draw={draw} />}
          {over && <Winners draw={draw} place={place} />}
          {draw.announced && <Announced draw={draw} promotion={promotion} />}
        </div>
      </Cell>
      <Cell span={4}>
        <div className={classes.column}>
          <Plan draw={draw} />
          {over && <Files draw={draw} />}
        </div>
      </Cell>
    </>
  );
}

function Progress({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  const at = useMoment();
  const state = draw.state === 'freezing' ? 'planned' : draw.state;
  const reached = STEPS.indexOf(state as (typeof STEPS)[number]);
  const when = [draw.created_at, draw.frozen_at, draw.drawn_at, draw.published_at];
  return (
    <ol className={classes.steps}>
      {STEPS.map((step, index) => (
        <li key={step} data-done={index <= reached || undefined}>
          <i aria-hidden>{index <= reached ? <IconCheck size={14} stroke={3} /> : index + 1}</i>
          <span>
            {t(`step.${step}`)}
            {index <= reached && when[index] && <small>{at(when[index])}</small>}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Plan({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  const at = useMoment();
  const { source } = draw;
  const height = source.kind === 'block' ? source.height : undefined;
  return (
    <>
      <Tray draw={draw} title={t('tray.prizes')} />
      <Card title={t('facts.plan')}>
        <Facts
          facts={[
            [t('facts.worth'), money(draw.prizes.reduce((sum, one) => sum + one.value * one.count, 0))],
            [t('facts.reserve'), whole(draw.reserve)],
            [t('facts.planned'), at(draw.planned_at)],
            [
              t('facts.period'),
              `${t('facts.from', { from: at(draw.from) })} ${t('facts.until', { until: at(draw.until) })}`,
            ],
            [t('form.source'), t(`source.short.${source.kind}`, { height })],
          ]}
        />
      </Card>
    </>
  );
}
