import { Button, Checkbox, Progress } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { moment, signed, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Chip, type Tone } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import classes from './Accruals.module.css';

type Accrual = components['schemas']['Accrual'];
type Verb = 'pause' | 'resume' | 'cancel';

const TONES: Record<string, Tone> = { running: 'info', paused: 'warn', cancelled: 'plain', done: 'ok' };

/** One run through an audience. */
export function Run({ run, undone }: { run: Accrual; undone: boolean }) {
  const t = useWords('accruals');
  const may = useMay('points_many');
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const segments = api.useQuery(
    'get',
    '/api/v1/segments',
    { params: { query: { limit: 200 } } },
    { staleTime: 60_000 },
  );
  const { audience } = run;
  const chosen = audience.to === 'segment' ? audience.segment : undefined;
  const segment = segments.data?.items.find((one) => one.id === chosen)?.name;
  const whom = segment ? `${t('to.segment')} «${segment}»` : t(`to.${audience.to}`);
  const what = run.comment ?? (run.undoes ? t('undoing') : t('noComment'));
  const share = run.total > 0 ? Math.min(100, (100 * (run.done + run.refused)) / run.total) : 100;
  const open = run.state === 'running' || run.state === 'paused';
  const act = async (work: () => Promise<unknown>, said?: string) => {
    setBusy(true);
    try {
      await work();
      if (said) tell(said);
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/accruals'] });
    } catch (problem) {
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const turn = (verb: Verb) => {
    const path = `/api/v1/accruals/{id}/${verb}` as '/api/v1/accruals/{id}/pause';
    return act(() => fetcher.POST(path, { params: { path: { id: run.id } } }));
  };
  const cancel = async () => {
    const sure = await confirm({ title: t('cancel.title'), effect: t('cancel.effect'), yes: t('do.cancel') });
    if (sure) await turn('cancel');
  };
  const undo = () => {
    let notify = false;
    const points = t('points', { count: run.moved, n: whole(run.moved) });
    const people = t('from', { count: run.done, n: whole(run.done) });
    modals.openConfirmModal({
      title: t('undo.title', { what }),
      children: (
        <div className={classes.ask}>
          <p>{t('undo.effect', { points, people })}</p>
          <Checkbox
            label={t('undo.tell')}
            onChange={(event) => {
              notify = event.currentTarget.checked;
            }}
          />
        </div>
      ),
      labels: { confirm: t('do.undo'), cancel: t('do.cancel', { ns: 'common' }) },
      confirmProps: { color: 'cranberry' },
      onConfirm: () =>
        void act(
          () =>
            fetcher.POST('/api/v1/accruals/{id}/undo', {
              params: { path: { id: run.id } },
              body: { shortfall: 'forgive' as never, notify },
            }),
          t('undone'),
        ),
    });
  };
  const notes = [
    t('progress', { done: whole(run.done), total: whole(run.total) }),
    run.refused > 0 && t('refused', { n: whole(run.refused) }),
    run.notified > 0 && t('notified', { n: whole(run.notified) }),
  ];
  return (
    <li className={classes.run} data-testid="accrual">
      <div className={classes.head}>
        <div className={classes.what}>
          <h2>{what}</h2>
          <p>
            {whom} · <time dateTime={run.created_at}>{moment(run.created_at)}</time>
          </p>
        </div>
        <Chip tone={TONES[run.state] ?? 'plain'}>{t(`state.${run.state}`)}</Chip>
        <div className={classes.sum}>
          <strong>{signed(run.moved)}</strong>
          {!run.undoes && (
            <span>
              {t('points', { count: run.points, n: whole(run.points) })} × {whole(run.done)}
            </span>
          )}
        </div>
      </div>
      {open && (
        <Progress
          value={share}
          color={run.state === 'paused' ? 'honey' : 'copper'}
          animated={run.state === 'running'}
          aria-label={notes[0] as string}
        />
      )}
      <div className={classes.foot}>
        <span>{notes.filter(Boolean).join(' · ')}</span>
        {may && (
          <div className={classes.buttons}>
            {run.state === 'running' && (
              <Button variant="default" size="xs" loading={busy} onClick={() => void turn('pause')}>
                {t('do.pause')}
              </Button>
            )}
            {run.state === 'paused' && (
              <Button variant="default" size="xs" loading={busy} onClick={() => void turn('resume')}>
                {t('do.resume')}
              </Button>
            )}
            {open && (
              <Button
                variant="subtle"
                color="cranberry"
                size="xs"
                disabled={busy}
                onClick={() => void cancel()}
              >
                {t('do.cancel')}
              </Button>
            )}
            {!open && !run.undoes && !undone && run.done > 0 && (
              <Button variant="subtle" color="gray" size="xs" loading={busy} onClick={undo}>
                {t('do.undo')}
              </Button>
            )}
          </div>
        )}
      </div>
    </li>
  );
}
