import {
  ActionIcon,
  Button,
  Menu,
  MultiSelect,
  PasswordInput,
  Select,
  Switch,
  TextInput,
} from '@mantine/core';
import { IconDots, IconExternalLink, IconPlayerPause, IconTrash } from '@tabler/icons-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { ago, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Channels.module.css';
import { type Channel, StateChip } from './ChannelsPage';
import { Copy } from './parts';
import { TryOut } from './TryOut';
import './words';

type Health = components['schemas']['ChannelHealth'];

/** The head of a channel's pages. */
export function useHead(id: string, channel?: Channel) {
  const t = useWords('channels');
  return {
    crumb: { to: '/channels', label: t('title') },
    tabs: [
      { to: `/channels/${id}`, label: t('tab.overview') },
      { to: `/channels/${id}/links`, label: t('tab.links') },
      ...(channel?.page ? [{ to: `/channels/${id}/widget`, label: t('tab.widget') }] : []),
    ],
  };
}

/** One bot or web chat: how it is doing, and what it is set to. */
export default function ChannelPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useWords('channels');
  const health = api.useQuery(
    'get',
    '/api/v1/channels/{id}/health',
    { params: { path: { id } } },
    { refetchInterval: 5_000 },
  );
  const again = () => void health.refetch();
  const seen = health.data;
  const head = useHead(id, seen?.channel);
  if (!seen) {
    return (
      <Page title={t('title')} crumb={head.crumb}>
        {health.error ? (
          <ErrorNote problem={health.error} retry={again} />
        ) : (
          <RowsSkeleton rows={4} height={72} />
        )}
      </Page>
    );
  }
  return (
    <Page
      {...head}
      tab={`/channels/${id}`}
      title={seen.channel.name}
      state={<StateChip channel={seen.channel} />}
      actions={<Actions health={seen} again={again} />}
    >
      <Cell span={7}>
        <div className={classes.column}>
          <Doing health={seen} />
          {seen.channel.page && <Site health={seen} />}
        </div>
      </Cell>
      <Cell span={5}>
        <Settings key={seen.channel.id} channel={seen.channel} again={again} />
      </Cell>
    </Page>
  );
}

function Actions({ health, again }: { health: Health; again: () => void }) {
  const t = useWords('channels');
  const go = useNavigate();
  const { channel } = health;
  const at = { params: { path: { id: channel.id } } };
  const then = { onSuccess: again, onError: tellProblem };
  const pause = api.useMutation('post', '/api/v1/channels/{id}/pause', then);
  const resume = api.useMutation('post', '/api/v1/channels/{id}/resume', then);
  const check = api.useMutation('post', '/api/v1/channels/{id}/connect', {
    onSuccess: (said) => {
      tell(t('checked', { name: said.name }));
      again();
    },
    onError: tellProblem,
  });
  const remove = api.useMutation('delete', '/api/v1/channels/{id}', {
    onSuccess: () => void go({ to: '/channels' }),
    onError: tellProblem,
  });
  const may = useMay('channels_manage');
  const [trying, setTrying] = useState(false);
  const open = health.link && (
    <Button
      component="a"
      href={health.link}
      target="_blank"
      rel="noreferrer"
      variant="default"
      leftSection={<IconExternalLink size={17} />}
    >
      {t('openBot')}
    </Button>
  );
  if (!may) return <>{open}</>;
  const ask = async () => {
    const sure = await confirm({
      title: t('removeTitle', { name: channel.name }),
      effect: t('removeEffect'),
      yes: t('remove'),
    });
    if (sure) remove.mutate(at);
  };
  return (
    <>
      {open}
      <Button variant="default" onClick={() => setTrying(true)}>
        {t('tryOut.open')}
      </Button>
      {trying && <TryOut channel={channel} close={() => setTrying(false)} done={again} />}
      {channel.has_token && (
        <Button variant="default" loading={check.isPending} onClick={() => check.mutate(at)}>
          {t('check')}
        </Button>
      )}
      {channel.state !== 'on' && (
        <Button loading={resume.isPending} onClick={() => resume.mutate(at)}>
          {t('resume')}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('common:do.more')}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {channel.state === 'on' && (
            <Menu.Item
              leftSection={<IconPlayerPause size={16} />}
              disabled={pause.isPending}
              onClick={() => pause.mutate(at)}
            >
              {t('pause')}
            </Menu.Item>
          )}
          <Menu.Item color="cranberry" leftSection={<IconTrash size={16} />} onClick={() => void ask()}>
            {t('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Doing({ health }: { health: Health }) {
  const t = useWords('channels');
  const tone = health.channel.state === 'broken' || health.failed > 0 ? 'bad' : 'warn';
  const when = (at?: string | null) => (at ? ago(at) : t('health.none'));
  const facts = [
    [t('health.received'), when(health.received_at)],
    [t('health.sent'), when(health.sent_at)],
    [t('health.queue'), whole(health.waiting)],
    [t('health.failed'), whole(health.failed)],
    [t('health.unsure'), whole(health.unsure)],
  ];
  return (
    <Card title={t('health.title')}>
      {health.bot?.name && (
        <div className={classes.identity}>
          <Avatar name={health.bot.name} size={44} picture={health.channel.picture} />
          <div>
            <b>{health.bot.name}</b>
            {health.bot.handle && <span>@{health.bot.handle}</span>}
          </div>
        </div>
      )}
      <p className={classes.note} data-tone={health.advice ? tone : undefined}>
        {health.advice ?? t('health.fine')}
      </p>
      <dl className={classes.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {health.pace && health.channel.has_token && (
          <div>
            <dt>{t('health.pace')}</dt>
            <dd>
              {t('health.paceOf', { bot: health.pace.bot_per_second, chat: health.pace.chat_per_second })}
            </dd>
          </div>
        )}
      </dl>
      {health.reasons.length > 0 && (
        <>
          <h3 className={classes.hint}>{t('health.reasons')}</h3>
          <ul className={classes.reasons}>
            {health.reasons.map((one) => (
              <li key={one.reason}>
                {one.reason} — {whole(one.count)}
              </li>
            ))}
          </ul>
          <Link to="/failed">{t('health.failures')}</Link>
        </>
      )}
    </Card>
  );
}

function Site({ health }: { health: Health }) {
  const t = useWords('channels');
  const page = health.channel.page ?? '';
  const address = health.link ?? `${window.location.origin}${page}`;
  return (
    <Card title={t('site.title')} subtitle={t('site.subtitle')}>
      <div className={classes.column}>
        <div>
          <h3 className={classes.label}>{t('site.page')}</h3>
          <Copy text={address} />
        </div>
        <Link to={`/channels/${health.channel.id}/widget` as never}>{t('site.toWidget')}</Link>
      </div>
    </Card>
  );
}

function Settings({ channel, again }: { channel: Channel; again: () => void }) {
  const t = useWords('channels');
  const may = useMay('channels_manage');
  const [name, setName] = useState(channel.name);
  const [runs, setRuns] = useState(channel.scenarios);
  const [token, setToken] = useState('');
  const [receive, setReceive] = useState<string>(channel.receive);
  const [app, setApp] = useState(channel.mini_app);
  const all = api.useQuery('get', '/api/v1/scenarios', { params: { query: { limit: 200 } } });
  const known = (all.data?.items ?? []).filter((one) => one.published);
  const connect = api.useMutation('post', '/api/v1/channels/{id}/connect', {
    onSuccess: again,
    onError: tellProblem,
  });
  const save = api.useMutation('patch', '/api/v1/channels/{id}', {
    onSuccess: () => {
      setToken('');
      again();
      if (channel.has_token) connect.mutate({ params: { path: { id: channel.id } } });
    },
  });
  const wrong = save.error instanceof Problem ? save.error : undefined;
  const changed =
    name !== channel.name ||
    runs.join() !== channel.scenarios.join() ||
    token !== '' ||
    receive !== channel.receive ||
    app !== channel.mini_app;
  const discard = () => {
    setName(channel.name);
    setRuns(channel.scenarios);
    setToken('');
    setReceive(channel.receive);
    setApp(channel.mini_app);
  };
  const put = () =>
    save.mutate({
      params: { path: { id: channel.id } },
      body: {
        name,
        scenarios: runs,
        ...(token && { token }),
        mini_app: app,
        ...(receive !== channel.receive && { receive: receive as Channel['receive'] }),
      },
    });
  const titles = new Map(known.map((one) => [one.key, one.name]));
  const data = [...new Set([...known.map((one) => one.key), ...runs])];
  return (
    <Card title={t('settings.title')}>
      <div className={classes.form}>
        {wrong && Object.keys(wrong.fields).length === 0 && <ErrorNote problem={wrong} />}
        <TextInput
          label={t('settings.name')}
          value={name}
          disabled={!may}
          error={wrong?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          label={t('settings.scenarios')}
          description={t('settings.scenariosHint')}
          value={runs}
          disabled={!may}
          error={wrong?.fields.scenarios}
          onChange={setRuns}
          data={data.map((key) => ({ value: key, label: titles.get(key) ?? key }))}
        />
        {channel.has_token && (
          <>
            <Select
              label={t('settings.receive')}
              description={t('settings.receiveHint')}
              value={receive}
              disabled={!may}
              allowDeselect={false}
              error={wrong?.fields.receive}
              onChange={(value) => value && setReceive(value)}
              data={[
                { value: 'polling', label: t('settings.polling') },
                { value: 'webhook', label: t('settings.webhook') },
              ]}
            />
            {channel.audience === 'customers' && (
              <Switch
                label={t('settings.app')}
                description={
                  <>
                    {t('settings.appHint')} <Link to={'/card' as never}>{t('settings.appLook')}</Link>
                  </>
                }
                checked={app}
                disabled={!may}
                error={wrong?.fields.mini_app}
                onChange={(event) => setApp(event.currentTarget.checked)}
              />
            )}
            <PasswordInput
              label={t('settings.token')}
              description={t('settings.tokenHint')}
              value={token}
              disabled={!may}
              autoComplete="off"
              error={wrong?.fields.token}
              onChange={(event) => setToken(event.currentTarget.value.trim())}
            />
          </>
        )}
      </div>
      <SaveBar changed={changed} saving={save.isPending} save={put} discard={discard} />
    </Card>
  );
}
