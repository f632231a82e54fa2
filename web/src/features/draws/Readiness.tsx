import { Alert, Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import { whole } from '../../lib/format';
import { tellProblem } from '../../lib/notify';
import type { Promotion } from '../../lib/promotions';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Draws.module.css';
import { type Draw, useAgain, useMoment } from './parts';

const DrawForm = behind(() => import('./DrawForm'), 'DrawForm');

/** What must be so before the list is frozen, and the freezing itself. */
export function Readiness({ draw, promotion }: { draw: Draw; promotion: Promotion }) {
  const t = useWords('draws');
  const at = useMoment();
  const again = useAgain();
  const [editing, setEditing] = useState(false);
  const path = { id: draw.promotion, draw: draw.id };
  const query = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/draws/{draw}/readiness',
    { params: { path } },
    { refetchInterval: 10_000 },
  );
  const freeze = api.useMutation('post', '/api/v1/promotions/{id}/draws/{draw}/freeze', {
    onSuccess: again,
    onError: tellProblem,
  });
  const found = query.data;
  const waiting = found ? found.unchecked + found.undecided : 0;
  const possible = found?.period_over && found.tickets > 0 && found.source_ahead;
  const start = async () => {
    if (!found) return;
    const sure = await confirm({
      title: t('ready.confirm', { name: draw.name }),
      effect: (
        <>
          <p>
            {t('ready.effect', {
              tickets: t('tickets', { count: found.tickets }),
            })}
          </p>
          {waiting > 0 && <p>{t('ready.effectWaiting')}</p>}
        </>
      ),
      yes: waiting > 0 ? t('ready.freezeAnyway') : t('ready.freeze'),
    });
    if (sure) freeze.mutate({ params: { path }, body: { without_waiting: waiting > 0 } });
  };
  return (
    <Card title={t('ready.title')} subtitle={t('ready.subtitle')}>
      {draw.note && (
        <Alert color="honey" variant="light" icon={<IconAlertTriangle size={18} />} mb={12}>
          {t('ready.failed', { note: draw.note })}
        </Alert>
      )}
      {query.error && !found ? (
        <ErrorNote problem={query.error} retry={() => void query.refetch()} />
      ) : !found ? (
        <RowsSkeleton rows={5} />
      ) : (
        <ul className={classes.checks}>
          <Check
            ok={found.period_over}
            yes={t('ready.period')}
            no={t('ready.periodNo', { until: at(draw.until) })}
          />
          <Check
            ok={found.unchecked === 0}
            yes={t('ready.unchecked')}
            no={t('ready.uncheckedNo', { count: found.unchecked })}
          />
          <Check
            ok={found.undecided === 0}
            yes={t('ready.undecided')}
            no={t('ready.undecidedNo', { count: found.undecided })}
          />
          <Check
            ok={found.tickets > 0}
            yes={t('ready.tickets', { n: whole(found.tickets) })}
            no={t('ready.ticketsNo')}
          />
          <Check ok={found.source_ahead} yes={t('ready.source')} no={t('ready.sourceNo')} />
        </ul>
      )}
      <div className={classes.actions}>
        <Button onClick={() => void start()} disabled={!possible} loading={freeze.isPending}>
          {waiting > 0 ? t('ready.freezeAnyway') : t('ready.freeze')}
        </Button>
        <Button variant="default" onClick={() => setEditing(true)}>
          {t('ready.edit')}
        </Button>
        {found && found.undecided > 0 && (
          <Button variant="default" component={Link} to={`/promotions/${draw.promotion}/moderation`}>
            {t('ready.moderate')}
          </Button>
        )}
      </div>
      <Suspense>
        {editing && <DrawForm promotion={promotion} draw={draw} close={() => setEditing(false)} />}
      </Suspense>
    </Card>
  );
}

function Check({ ok, yes, no }: { ok: boolean; yes: string; no: string }) {
  return (
    <li data-ok={ok || undefined}>
      {ok ? <IconCircleCheck size={20} aria-hidden /> : <IconCircleX size={20} aria-hidden />}
      {ok ? yes : no}
    </li>
  );
}

/** The list is being written. */
export function Freezing({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  return (
    <Card title={t('freezing.title')}>
      <div className={classes.busy} role="status">
        <Loader size="sm" />
        <p>{t('freezing.hint', { tickets: t('tickets', { count: draw.tickets }) })}</p>
      </div>
    </Card>
  );
}
