import { Button } from '@mantine/core';
import { IconBrandTelegram, IconMessageCircle, IconPlugConnected } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { ago } from '../../lib/format';
import { Avatar } from '../../ui/Avatar';
import { Chip, type Tone } from '../../ui/Chip';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Channels.module.css';
import './words';

export type Channel = components['schemas']['Channel'];

const TONES: Record<Channel['state'], Tone> = { on: 'ok', paused: 'warn', broken: 'bad' };

/** All bots and web chats of the company, and how each is doing. */
export default function ChannelsPage() {
  const t = useWords('channels');
  const may = useMay('channels_manage');
  const list = api.useQuery('get', '/api/v1/channels', { params: { query: { limit: 100 } } });
  const connect = may && (
    <Button component={Link} to="/channels/new">
      {t('connect')}
    </Button>
  );
  return (
    <Page title={t('title')} actions={list.data?.items.length ? connect : undefined}>
      {list.error ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <RowsSkeleton rows={3} height={96} />
      ) : list.data.items.length === 0 ? (
        <EmptyState
          festive
          icon={<IconPlugConnected size={22} />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={connect}
        />
      ) : (
        <ul className={classes.list}>
          {list.data.items.map((one) => (
            <Row key={one.id} channel={one} />
          ))}
        </ul>
      )}
    </Page>
  );
}

/** Where a channel stands, in one word. */
export function StateChip({ channel }: { channel: Channel }) {
  const t = useWords('channels');
  return <Chip tone={TONES[channel.state]}>{t(`state.${channel.state}`)}</Chip>;
}

/** The face of a channel: that of its bot with the messenger's mark, or the mark of a chat on a site. */
function Face({ channel }: { channel: Channel }) {
  if (channel.page) {
    return (
      <span className={classes.sign} aria-hidden>
        <IconMessageCircle size={24} />
      </span>
    );
  }
  return (
    <span className={classes.face}>
      <Avatar name={channel.name} size={44} picture={channel.picture} />
      <IconBrandTelegram size={18} aria-hidden />
    </span>
  );
}

function Row({ channel }: { channel: Channel }) {
  const t = useWords('channels');
  const health = api.useQuery(
    'get',
    '/api/v1/channels/{id}/health',
    { params: { path: { id: channel.id } } },
    { refetchInterval: 10_000 },
  );
  const seen = health.data;
  return (
    <li>
      <Link to="/channels/$id" params={{ id: channel.id } as never} className={classes.row}>
        <Face channel={channel} />
        <span className={classes.what}>
          <b>{channel.name}</b>
          <span>
            {t(`messenger.${channel.messenger}`)}
            {seen?.bot?.handle && ` · @${seen.bot.handle}`} · {t(`audience.${channel.audience}`)}
          </span>
        </span>
        <span className={classes.seen}>
          {seen && (seen.received_at ? t('lastIn', { ago: ago(seen.received_at) }) : t('never'))}
          {seen && seen.waiting > 0 && ` · ${t('waits', { count: seen.waiting })}`}
        </span>
        <span className={classes.chips}>
          {channel.scenarios.length === 0 && <Chip tone="warn">{t('noScenario')}</Chip>}
          <StateChip channel={channel} />
        </span>
        {seen?.advice && <span className={classes.advice}>{seen.advice}</span>}
      </Link>
    </li>
  );
}
