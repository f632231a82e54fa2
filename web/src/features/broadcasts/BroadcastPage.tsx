import { ActionIcon, Button, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import { useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { span, whole } from '../../lib/format';
import { tellProblem } from '../../lib/notify';
import { instantOf, localOf } from '../../lib/zone';
import { Bubble } from '../../ui/Bubble';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { Cell, Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Broadcasts.module.css';
import { type Broadcast, StateChip } from './BroadcastsPage';
import { Progress } from './Progress';
import { usePreview } from './usePreview';
import './words';

type Link = { label: string; url: string };

/** What stands in the form. */
type Draft = { name: string; text: string; links: Link[]; segment: string | null; startsAt: string | null };

const EMPTY: Draft = { name: '', text: '', links: [], segment: null, startsAt: null };
const FIRST_NAME = '{{ contact.first_name }}';

function draftOf(broadcast: Broadcast): Draft {
  const { content, audience } = broadcast;
  return {
    name: broadcast.name,
    text: content.text ?? '',
    links: (content.buttons ?? []).map((one) => ({ label: one.label, url: one.url ?? '' })),
    segment: audience.to === 'segment' ? audience.segment : null,
    startsAt: broadcast.starts_at ?? null,
  };
}

/** One broadcast: written while it is a draft, watched afterwards. */
export default function BroadcastPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useWords('broadcasts');
  const crumb = { to: '/broadcasts', label: t('title') };
  const one = api.useQuery(
    'get',
    '/api/v1/broadcasts/{id}',
    { params: { path: { id } } },
    {
      enabled: id !== 'new',
      refetchInterval: (query) => (query.state.data?.state === 'running' ? 2_000 : false),
    },
  );
  if (id === 'new') return <Editor key="new" />;
  if (one.error) {
    return (
      <Page title={t('title')} crumb={crumb}>
        <ErrorNote problem={one.error} retry={() => void one.refetch()} />
      </Page>
    );
  }
  if (!one.data) {
    return (
      <Page title={t('title')} crumb={crumb}>
        <RowsSkeleton rows={4} height={72} />
      </Page>
    );
  }
  if (one.data.state === 'draft')
    return <Editor key={id} broadcast={one.data} again={() => void one.refetch()} />;
  return <Progress broadcast={one.data} again={() => void one.refetch()} />;
}

function Editor({ broadcast, again }: { broadcast?: Broadcast; again?: () => void }) {
  const t = useWords('broadcasts');
  const go = useNavigate();
  const kept = broadcast ? draftOf(broadcast) : EMPTY;
  const [draft, setDraft] = useState(kept);
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const changed = !broadcast || JSON.stringify(draft) !== JSON.stringify(kept);
  const body = {
    name: draft.name.trim(),
    content: { text: draft.text, buttons: draft.links.filter((one) => one.label || one.url) } as never,
    audience: (draft.segment === null ? { to: 'all' } : { to: 'segment', segment: draft.segment }) as never,
    starts_at: draft.startsAt,
  };
  const create = api.useMutation('post', '/api/v1/broadcasts', {
    onSuccess: (made) => void go({ to: '/broadcasts/$id', params: { id: made.id } as never, replace: true }),
  });
  const update = api.useMutation('put', '/api/v1/broadcasts/{id}', { onSuccess: again });
  const start = api.useMutation('post', '/api/v1/broadcasts/{id}/start', {
    onSuccess: again,
    onError: tellProblem,
  });
  const remove = api.useMutation('delete', '/api/v1/broadcasts/{id}', {
    onSuccess: () => void go({ to: '/broadcasts' }),
    onError: tellProblem,
  });
  const preview = usePreview(broadcast?.id, !changed);
  const error = create.error ?? update.error;
  const wrong = error instanceof Problem ? error.fields : {};
  const save = () => {
    if (broadcast)
      update.mutate({
        params: { path: { id: broadcast.id } },
        body: { ...body, revision: broadcast.revision },
      });
    else create.mutate({ body });
  };
  const name = draft.name || t('untitled');
  const send = async () => {
    if (!broadcast) return;
    const people = t('people', { count: preview.data?.reachable ?? 0 });
    const sure = await confirm({
      title: t('startTitle', { name }),
      effect: t('startEffect', { people }),
      yes: draft.startsAt ? t('form.plan') : t('form.start'),
      dangerous: false,
    });
    if (sure) start.mutate({ params: { path: { id: broadcast.id } } });
  };
  const forget = async () => {
    if (!broadcast) return;
    const sure = await confirm({
      title: t('removeTitle', { name }),
      effect: t('removeEffect'),
      yes: t('common:do.delete'),
    });
    if (sure) remove.mutate({ params: { path: { id: broadcast.id } } });
  };
  return (
    <Page
      title={broadcast ? name : t('create')}
      crumb={{ to: '/broadcasts', label: t('title') }}
      state={broadcast && <StateChip state="draft" />}
      actions={
        <>
          {broadcast && (
            <Button variant="default" onClick={() => void forget()}>
              {t('common:do.delete')}
            </Button>
          )}
          {changed ? (
            <Button
              onClick={save}
              loading={create.isPending || update.isPending}
              disabled={!draft.text.trim()}
            >
              {t('form.save')}
            </Button>
          ) : (
            <Button onClick={() => void send()} loading={start.isPending} disabled={!preview.data}>
              {draft.startsAt ? t('form.plan') : t('form.start')}
            </Button>
          )}
        </>
      }
    >
      <Cell span={7}>
        <Card title={t('form.title')}>
          <div className={classes.form}>
            {error && <ErrorNote problem={error} />}
            <TextInput
              label={t('form.name')}
              value={draft.name}
              error={wrong.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <Textarea
              label={t('form.text')}
              description={t('form.textHint', { name: FIRST_NAME, interpolation: { escapeValue: false } })}
              value={draft.text}
              autosize
              minRows={6}
              maxRows={16}
              error={wrong['content.text']}
              onChange={(event) => set({ text: event.currentTarget.value })}
            />
            <Links links={draft.links} change={(links) => set({ links })} />
            <To segment={draft.segment} change={(segment) => set({ segment })} error={wrong.audience} />
            <When at={draft.startsAt} change={(startsAt) => set({ startsAt })} error={wrong.starts_at} />
          </div>
        </Card>
      </Cell>
      <Cell span={5}>
        <div className={classes.column}>
          <Card title={t('preview.title')}>
            <div className={classes.stage}>
              <Bubble
                voice="bot"
                buttons={draft.links.filter((one) => one.label).map((one) => [{ label: one.label }])}
              >
                {(!changed && preview.data?.sample) || draft.text || t('preview.empty')}
              </Bubble>
            </div>
          </Card>
          <Card title={t('preview.reach')}>
            {preview.error ? (
              <ErrorNote problem={preview.error} retry={() => void preview.refetch()} />
            ) : preview.data && !changed ? (
              <>
                <dl className={classes.facts}>
                  {(['reachable', 'silent', 'unreachable'] as const).map((key) => (
                    <div key={key}>
                      <dt>{t(`preview.${key}`)}</dt>
                      <dd>{whole(preview.data[key])}</dd>
                    </div>
                  ))}
                </dl>
                <p className={classes.hint}>{t('preview.seconds', { span: span(preview.data.seconds) })}</p>
              </>
            ) : (
              <p className={classes.hint}>{t('preview.save')}</p>
            )}
          </Card>
        </div>
      </Cell>
    </Page>
  );
}

function Links({ links, change }: { links: Link[]; change: (links: Link[]) => void }) {
  const t = useWords('broadcasts');
  const put = (at: number, part: Partial<Link>) =>
    change(links.map((one, index) => (index === at ? { ...one, ...part } : one)));
  return (
    <div className={classes.pairs}>
      <b>{t('form.buttons')}</b>
      {links.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other name while it is being typed
        <div className={classes.pair} key={at}>
          <TextInput
            label={t('form.label')}
            value={one.label}
            onChange={(event) => put(at, { label: event.currentTarget.value })}
          />
          <TextInput
            label={t('form.url')}
            placeholder="https://"
            value={one.url}
            onChange={(event) => put(at, { url: event.currentTarget.value })}
          />
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t('form.removeButton')}
            onClick={() => change(links.filter((_, index) => index !== at))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      {links.length < 6 && (
        <div>
          <Button
            variant="subtle"
            size="compact-md"
            leftSection={<IconPlus size={16} />}
            onClick={() => change([...links, { label: '', url: '' }])}
          >
            {t('form.addButton')}
          </Button>
        </div>
      )}
    </div>
  );
}

type ToProps = { segment: string | null; change: (segment: string | null) => void; error?: string };

function To({ segment, change, error }: ToProps) {
  const t = useWords('broadcasts');
  const list = api.useQuery('get', '/api/v1/segments', { params: { query: { limit: 200 } } });
  return (
    <Stack gap={8}>
      <Radio.Group
        label={t('form.to')}
        error={error}
        value={segment === null ? 'all' : 'segment'}
        onChange={(value) => change(value === 'all' ? null : '')}
      >
        <Stack gap={8} mt={6}>
          <Radio value="all" label={t('form.all')} />
          <Radio value="segment" label={t('form.segment')} />
        </Stack>
      </Radio.Group>
      {segment !== null && (
        <Select
          aria-label={t('form.segment')}
          placeholder={t('form.chooseSegment')}
          value={segment || null}
          onChange={(value) => change(value ?? '')}
          data={(list.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
    </Stack>
  );
}

type WhenProps = { at: string | null; change: (at: string | null) => void; error?: string };

function When({ at, change, error }: WhenProps) {
  const t = useWords('broadcasts');
  const { zone } = useMe();
  const tomorrow = () =>
    instantOf(`${localOf(dayjs().add(1, 'day').toDate(), zone).slice(0, 10)}T12:00`, zone);
  return (
    <Stack gap={8}>
      <Radio.Group
        label={t('form.when')}
        value={at === null ? 'now' : 'later'}
        onChange={(value) => change(value === 'now' ? null : tomorrow())}
      >
        <Stack gap={8} mt={6}>
          <Radio value="now" label={t('form.now')} />
          <Radio value="later" label={t('form.later')} />
        </Stack>
      </Radio.Group>
      {at !== null && (
        <TextInput
          type="datetime-local"
          aria-label={t('form.at')}
          value={localOf(at, zone)}
          error={error}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            if (chosen) change(instantOf(chosen, zone));
          }}
        />
      )}
    </Stack>
  );
}
