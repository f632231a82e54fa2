import './words';
import { Alert, Button, Menu } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled, IconDots, IconFlask } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { ago, moment, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import type { Promotion } from '../../lib/promotions';
import { lastMinute } from '../../lib/zone';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { KpiStrip } from '../../ui/KpiStrip';
import { Cell } from '../../ui/Page';
import { PromotionPage } from '../../ui/PromotionPage';
import { PublicButton } from '../../ui/PublicButton';
import { Extend } from './Extend';
import classes from './Promotions.module.css';
import { Ways } from './Ways';

/** Where a promotion stands, and what to do next. */
export default function OverviewPage() {
  return (
    <PromotionPage tab="overview" actions={(promotion) => <Actions promotion={promotion} />}>
      {(promotion) => <Overview promotion={promotion} />}
    </PromotionPage>
  );
}

function Overview({ promotion }: { promotion: Promotion }) {
  const t = useWords('promotions');
  const zone = useMe().zone;
  const { state, terms } = promotion;
  return (
    <>
      {state === 'test' && (
        <Alert color="honey" icon={<IconFlask size={20} />} title={t('test.title')}>
          {t('test.text')}
        </Alert>
      )}
      <KpiStrip
        kpis={[
          { label: t('kpi.participants'), value: whole(promotion.participants) },
          { label: t('kpi.tickets'), value: whole(promotion.tickets) },
          { label: t('kpi.waiting'), value: whole(promotion.waiting), hint: t('kpi.waitingHint') },
          { label: t('kpi.moderation'), value: whole(promotion.moderation), hint: t('kpi.moderationHint') },
        ]}
      />
      <Cell span={7}>
        <div className={classes.column}>
          <Next promotion={promotion} />
          <Ways promotion={promotion} />
        </div>
      </Cell>
      <Cell span={5}>
        <div className={classes.column}>
          <Card title={t('period.title')} subtitle={zone}>
            <dl className={classes.facts}>
              <div>
                <dt>{t('period.starts')}</dt>
                <dd>{moment(promotion.starts_at, zone)}</dd>
              </div>
              <div>
                <dt>{t('period.last')}</dt>
                <dd>{moment(lastMinute(promotion.ends_at), zone)}</dd>
              </div>
              {state === 'running' && (
                <div>
                  <dt>{t('period.left')}</dt>
                  <dd>{ago(promotion.ends_at)}</dd>
                </div>
              )}
              {terms.extension && (
                <div>
                  <dt>{t('period.extended')}</dt>
                  <dd>{t('period.before', { when: moment(lastMinute(terms.extension.before), zone) })}</dd>
                </div>
              )}
              {terms.stages.map((stage) => (
                <div key={`${stage.at}${stage.name.ru}`}>
                  <dt>{stage.name.ru || stage.name.en}</dt>
                  <dd>{moment(stage.at, zone)}</dd>
                </div>
              ))}
            </dl>
          </Card>
          {terms.public && (state === 'running' || state === 'over') && (
            <Card title={t('page.title')} subtitle={t('page.hint')}>
              <PublicButton promotion={promotion} to="" label={t('page.open')} />
            </Card>
          )}
        </div>
      </Cell>
    </>
  );
}

/** What is ready and what is not: each line leads to where it is done. */
function Next({ promotion }: { promotion: Promotion }) {
  const t = useWords('promotions');
  const may = useMay('promotions');
  const { terms, state, id } = promotion;
  const providers = api.useQuery('get', '/api/v1/receipt-providers', {}, { enabled: may });
  const settings = `/promotions/${id}/settings`;
  const steps = [
    {
      name: 'rules',
      done: Boolean(terms.rules.text.ru || terms.rules.text.en || terms.rules.url),
      to: settings,
    },
    { name: 'shops', done: terms.shops.length > 0, to: settings },
    ...(may
      ? [
          {
            name: 'providers',
            done: (providers.data ?? []).some((one) => !one.paused),
            to: '/receipt-providers',
          },
        ]
      : []),
    { name: 'entries', done: terms.entries.length > 0, to: settings },
    { name: 'test', done: state !== 'draft' && (state !== 'test' || promotion.tickets > 0), to: '' },
    { name: 'start', done: state !== 'draft' && state !== 'test', to: '' },
  ];
  const open = steps.filter((step) => !step.done);
  if (state === 'over' || state === 'archived' || open.length === 0) {
    return (
      <Card title={t(`now.${state}.title`)} subtitle={t(`now.${state}.hint`)}>
        <div className={classes.tools}>
          {promotion.moderation > 0 && (
            <Button component={Link} to={`/promotions/${id}/moderation`} variant="default">
              {t('now.moderate', { count: promotion.moderation })}
            </Button>
          )}
          <Button component={Link} to={`/promotions/${id}/numbers`} variant="default">
            {t('now.numbers')}
          </Button>
          <Button component={Link} to={`/promotions/${id}/draws`} variant="default">
            {t('now.draws')}
          </Button>
        </div>
      </Card>
    );
  }
  return (
    <Card title={t('next.title')} subtitle={t('next.hint')}>
      <ul className={classes.checks}>
        {steps.map(({ name, done, to }) => (
          <li key={name} data-done={done || undefined}>
            {done ? <IconCircleCheckFilled size={20} aria-hidden /> : <IconCircle size={20} aria-hidden />}
            <span>
              <b>{t(`next.${name}.title`)}</b>
              {!done && <small>{t(`next.${name}.hint`)}</small>}
            </span>
            {!done && to && (
              <Button component={Link} to={to} variant="subtle" size="compact-sm">
                {t(`next.${name}.do`)}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const VERBS = ['test', 'start', 'finish', 'archive'] as const;
type Verb = (typeof VERBS)[number];

function Actions({ promotion }: { promotion: Promotion }) {
  const t = useWords('promotions');
  const client = useQueryClient();
  const [extending, setExtending] = useState(false);
  const { id, name, state } = promotion;
  const then = {
    onSuccess: () => {
      void client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/promotions'),
      });
    },
    onError: tellProblem,
  };
  const test = api.useMutation('post', '/api/v1/promotions/{id}/test', then);
  const start = api.useMutation('post', '/api/v1/promotions/{id}/start', then);
  const finish = api.useMutation('post', '/api/v1/promotions/{id}/finish', then);
  const archive = api.useMutation('post', '/api/v1/promotions/{id}/archive', then);
  const run: Record<Verb, typeof start> = { test, start, finish, archive };
  const ask = async (verb: Verb) => {
    const effect = t(`act.${verb}Effect${verb === 'start' && state === 'test' ? 'Tried' : ''}`, {
      count: promotion.tickets,
    });
    const sure = await confirm({
      title: t(`act.${verb}Title`, { name }),
      effect,
      yes: t(`act.${verb}`),
      dangerous: verb === 'finish' || verb === 'archive',
    });
    if (sure) run[verb].mutate({ params: { path: { id } } }, { onSuccess: () => tell(t(`act.${verb}Done`)) });
  };
  const canExtend = state === 'running' || state === 'over';
  const canArchive = state !== 'running' && state !== 'archived';
  return (
    <>
      {state === 'draft' && (
        <Button onClick={() => void ask('test')} loading={test.isPending}>
          {t('act.test')}
        </Button>
      )}
      {canExtend && (
        <Button variant="default" onClick={() => setExtending(true)}>
          {t('act.extend')}
        </Button>
      )}
      {state === 'test' && (
        <Button onClick={() => void ask('start')} loading={start.isPending}>
          {t('act.start')}
        </Button>
      )}
      {state !== 'archived' && (
        <Menu>
          <Menu.Target>
            <Button variant="default" px={10} aria-label={t('do.more', { ns: 'common' })}>
              <IconDots size={18} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {state === 'draft' && (
              <Menu.Item onClick={() => void ask('start')}>{t('act.startNow')}</Menu.Item>
            )}
            {state === 'running' && (
              <Menu.Item color="cranberry" onClick={() => void ask('finish')}>
                {t('act.finish')}
              </Menu.Item>
            )}
            {canArchive && <Menu.Item onClick={() => void ask('archive')}>{t('act.archive')}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      )}
      {extending && <Extend promotion={promotion} close={() => setExtending(false)} />}
    </>
  );
}
