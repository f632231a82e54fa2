import { Button } from '@mantine/core';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { moment, whole } from '../../lib/format';
import { tellProblem } from '../../lib/notify';
import { Bubble } from '../../ui/Bubble';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { Cell, Page } from '../../ui/Page';
import classes from './Broadcasts.module.css';
import { type Broadcast, StateChip } from './BroadcastsPage';
import { usePreview } from './usePreview';

const OUTCOMES = ['sent', 'waiting', 'failed', 'blocked', 'unsure', 'stopped'] as const;

/** A broadcast that was started: how far it is, and what became of its messages. */
export function Progress({ broadcast, again }: { broadcast: Broadcast; again: () => void }) {
  const t = useWords('broadcasts');
  const { content } = broadcast;
  const preview = usePreview(broadcast.id);
  const outcomes = broadcast.outcomes ?? {};
  const done =
    (outcomes.sent ?? 0) + (outcomes.failed ?? 0) + (outcomes.blocked ?? 0) + (outcomes.unsure ?? 0);
  const share = broadcast.queued > 0 ? done / broadcast.queued : 0;
  return (
    <Page
      title={broadcast.name || t('untitled')}
      crumb={{ to: '/broadcasts', label: t('title') }}
      state={<StateChip state={broadcast.state} />}
      actions={<Actions broadcast={broadcast} again={again} />}
    >
      <Cell span={7}>
        <Card
          title={t('progress.title')}
          subtitle={moment(broadcast.started_at ?? broadcast.starts_at ?? broadcast.created_at)}
        >
          <div className={classes.bar} aria-hidden>
            <span style={{ width: `${Math.min(100, share * 100)}%` }} />
          </div>
          <dl className={classes.facts}>
            <div>
              <dt>{t('progress.looked')}</dt>
              <dd>{t('of', { sent: whole(broadcast.looked_at), total: whole(broadcast.total) })}</dd>
            </div>
            {OUTCOMES.filter((key) => outcomes[key]).map((key) => (
              <div key={key}>
                <dt>{t(`progress.outcome.${key}`)}</dt>
                <dd>{whole(outcomes[key] ?? 0)}</dd>
              </div>
            ))}
            {(['silent', 'unreachable'] as const).map((key) => (
              <div key={key}>
                <dt>{t(`preview.${key}`)}</dt>
                <dd>{whole(broadcast[key])}</dd>
              </div>
            ))}
          </dl>
        </Card>
      </Cell>
      <Cell span={5}>
        <Card title={t('preview.title')}>
          <div className={classes.stage}>
            <Bubble voice="bot" buttons={content.buttons?.map((one) => [{ label: one.label }])}>
              {preview.data?.sample ?? content.text}
            </Bubble>
          </div>
        </Card>
      </Cell>
    </Page>
  );
}

function Actions({ broadcast, again }: { broadcast: Broadcast; again: () => void }) {
  const t = useWords('broadcasts');
  const at = { params: { path: { id: broadcast.id } } };
  const then = { onSuccess: again, onError: tellProblem };
  const pause = api.useMutation('post', '/api/v1/broadcasts/{id}/pause', then);
  const resume = api.useMutation('post', '/api/v1/broadcasts/{id}/resume', then);
  const stop = api.useMutation('post', '/api/v1/broadcasts/{id}/stop', then);
  const repeat = api.useMutation('post', '/api/v1/broadcasts/{id}/repeat-failed', then);
  const ask = async () => {
    const name = broadcast.name || t('untitled');
    const sure = await confirm({ title: t('stopTitle', { name }), effect: t('stopEffect'), yes: t('stop') });
    if (sure) stop.mutate(at);
  };
  const moving = broadcast.state === 'running' || broadcast.state === 'planned';
  return (
    <>
      {(moving || broadcast.state === 'paused') && (
        <Button variant="default" onClick={() => void ask()}>
          {t('stop')}
        </Button>
      )}
      {moving && (
        <Button variant="default" loading={pause.isPending} onClick={() => pause.mutate(at)}>
          {t('pause')}
        </Button>
      )}
      {broadcast.state === 'paused' && (
        <Button loading={resume.isPending} onClick={() => resume.mutate(at)}>
          {t('resume')}
        </Button>
      )}
      {broadcast.state === 'done' && (broadcast.outcomes?.failed ?? 0) > 0 && (
        <Button loading={repeat.isPending} onClick={() => repeat.mutate(at)}>
          {t('repeat')}
        </Button>
      )}
    </>
  );
}
