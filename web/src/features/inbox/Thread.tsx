import { ActionIcon, Button, Drawer, Menu, Skeleton, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconAlarm,
  IconArrowLeft,
  IconCheck,
  IconChevronDown,
  IconDotsVertical,
  IconInfoCircle,
  IconMailOpened,
  IconPlayerPlay,
  IconRobot,
  IconUser,
  IconUserOff,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { useChanges } from '../../lib/live';
import { tell, tellProblem } from '../../lib/notify';
import { instantOf, localOf } from '../../lib/zone';
import { Avatar } from '../../ui/Avatar';
import { ErrorNote } from '../../ui/States';
import { Composer } from './Composer';
import { type Conversation, type Place, useColleagues, useConversation, useLines } from './data';
import { GuestCard } from './GuestCard';
import { Lines } from './Lines';
import { MessengerMark, useMessengerName } from './MessengerMark';
import classes from './Thread.module.css';

const HOUR_MS = 3_600_000;
const MORNING = '09:00';
const EVENING = '18:00';

type ThreadProps = { place: Place; leave: () => void; phone: boolean; wide: boolean };

const path = ({ contact_id, channel_id }: Place) => ({ path: { contact_id, channel_id } });

/** One conversation: its head, its lines, and where one answers. */
export function Thread({ place, leave, phone, wide }: ThreadProps) {
  const t = useWords('inbox');
  const one = useConversation(place);
  const lines = useLines(place);
  const { all, names } = useColleagues();
  const may = useMay('conversations_write');
  const [card, openCard] = useDisclosure(false);
  const me = useMe();
  const meId = me.staff_id ?? me.actor;
  const client = useQueryClient();
  const unread = one.data?.unread ?? 0;
  // What stood unread when the conversation was opened: a line is drawn above it while one looks.
  const [before, setBefore] = useState<number>();
  useEffect(() => {
    if (before === undefined && one.data) setBefore(one.data.unread);
  }, [before, one.data]);
  // Whoever of the team looks has read it.
  useEffect(() => {
    if (unread === 0 || document.hidden) return;
    const mark = { params: path(place), body: { unread: false } };
    void fetcher.PUT('/api/v1/conversations/{contact_id}/{channel_id}/mark', mark).catch(() => undefined);
  }, [unread, place]);

  const put = (next: Conversation) =>
    client.setQueryData(
      ['get', '/api/v1/conversations/{contact_id}/{channel_id}', { params: path(place) }],
      next,
    );
  const assign = async (staff: string | null) => {
    if (!one.data) return;
    const was = one.data;
    put({ ...was, state: staff ? 'taken' : 'free', assignee: staff ?? undefined });
    try {
      const body = { staff_id: staff, revision: was.revision };
      const asked = { params: path(place), body };
      const { data } = await fetcher.PUT('/api/v1/conversations/{contact_id}/{channel_id}/assignee', asked);
      put(data!);
    } catch (problem) {
      tellProblem(problem);
      put(was);
      void one.refetch();
    }
  };

  if (one.isError && !one.data) {
    return (
      <section className={classes.thread}>
        <ErrorNote problem={one.error} retry={() => void one.refetch()} />
      </section>
    );
  }
  const found = one.data;
  const name = found ? found.name || t('nobody') : '';
  const assignee = found?.assignee ? (names.get(found.assignee) ?? '…') : undefined;
  const mine = found?.assignee === meId;
  const isStaff = meId.startsWith('stf_');
  return (
    <section className={classes.thread} aria-label={name}>
      <header className={classes.head}>
        {phone && (
          <ActionIcon variant="subtle" color="gray" size={44} aria-label={t('back')} onClick={leave}>
            <IconArrowLeft size={22} />
          </ActionIcon>
        )}
        {found ? (
          <>
            <span className={classes.face}>
              <Avatar name={name} size={40} />
              <MessengerMark kind={found.messenger} />
            </span>
            <div className={classes.who}>
              <h2>{name}</h2>
              <p>
                <State one={found} assignee={assignee} />
              </p>
            </div>
          </>
        ) : (
          <Skeleton height={40} width={220} radius={9} />
        )}
        {found && may && (
          <div className={classes.does}>
            {!phone && (
              <Menu position="bottom-end" width={240}>
                <Menu.Target>
                  <Button
                    variant="default"
                    leftSection={assignee ? <Avatar name={assignee} size={22} /> : <IconUser size={17} />}
                    rightSection={<IconChevronDown size={15} />}
                    title={assignee ? `${t('taken')}: ${assignee}` : t('notTaken')}
                  >
                    {assignee?.split(' ')[0] ?? t('notTaken')}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown className={classes.people}>
                  {isStaff && !mine && <Menu.Item onClick={() => void assign(meId)}>{t('take')}</Menu.Item>}
                  {found.state === 'taken' && (
                    <Menu.Item leftSection={<IconUserOff size={16} />} onClick={() => void assign(null)}>
                      {t('release')}
                    </Menu.Item>
                  )}
                  <Menu.Divider />
                  {all
                    .filter((one) => one.active && one.id !== meId)
                    .map((one) => (
                      <Menu.Item
                        key={one.id}
                        leftSection={<Avatar name={one.name} size={22} />}
                        onClick={() => void assign(one.id)}
                      >
                        {one.name}
                      </Menu.Item>
                    ))}
                </Menu.Dropdown>
              </Menu>
            )}
            {found.state !== 'closed' && <Close place={place} phone={phone} put={put} />}
            {(phone || !wide) && (
              <Tooltip label={t('guest')}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={phone ? 44 : 36}
                  aria-label={t('guest')}
                  onClick={openCard.open}
                >
                  <IconInfoCircle size={21} />
                </ActionIcon>
              </Tooltip>
            )}
            <More
              one={found}
              place={place}
              put={put}
              take={phone && isStaff && !mine ? () => void assign(meId) : undefined}
            />
          </div>
        )}
      </header>
      <Lines
        place={place}
        lines={lines}
        names={names}
        unread={before ?? 0}
        reason={found?.state === 'free' || found?.state === 'taken' ? found.reason : ''}
      />
      {found && may && (
        <Composer
          place={place}
          one={found}
          blocked={found.state === 'taken' && assignee && isStaff && !mine ? assignee : undefined}
          take={isStaff ? () => void assign(meId) : undefined}
          known={lines.lines}
        />
      )}
      <Drawer
        opened={card && !wide}
        onClose={openCard.close}
        position="right"
        size={phone ? '100%' : 360}
        title={t('guest')}
        closeButtonProps={{ 'aria-label': t('common:do.close') }}
        padding={0}
        styles={{ header: { padding: '12px 16px' } }}
      >
        <GuestCard place={place} />
      </Drawer>
    </section>
  );
}

/** By which messenger, and who leads it; who else is here at this moment. */
function State({ one, assignee }: { one: Conversation; assignee?: string }) {
  const t = useWords('inbox');
  const messenger = useMessengerName();
  const params = path(one);
  const here = api.useQuery(
    'get',
    '/api/v1/conversations/{contact_id}/{channel_id}/presence',
    { params },
    { staleTime: 0 },
  );
  usePresence(one, here.refetch);
  const busy = here.data?.items.find((other) => other.writes) ?? here.data?.items[0];
  if (busy)
    return <span className={classes.busy}>{t(busy.writes ? 'writes' : 'here', { name: busy.name })}</span>;
  return `${messenger(one.messenger)} · ${t(`state.${one.state}`, { name: assignee ?? '' })}`;
}

const SAY_AGAIN_MS = 15_000;

/** Tells colleagues that one is here, and learns who else is. */
function usePresence(place: Place, refetch: () => unknown) {
  const { contact_id, channel_id } = place;
  const look = useRef(refetch);
  look.current = refetch;
  useChanges(
    useCallback(
      (change) => void (change.noun === 'presence' && change.id === contact_id && look.current()),
      [contact_id],
    ),
  );
  useEffect(() => {
    const params = { path: { contact_id, channel_id } };
    const enter = (here: boolean, writes = false) =>
      void fetcher
        .PUT('/api/v1/conversations/{contact_id}/{channel_id}/presence', {
          params,
          body: { here, writes },
          keepalive: true,
        })
        .catch(() => undefined);
    let writes = false;
    let still: ReturnType<typeof setTimeout>;
    const wrote = () => {
      clearTimeout(still);
      still = setTimeout(() => {
        writes = false;
        enter(true);
      }, 6000);
      if (!writes) {
        writes = true;
        enter(true, true);
      }
    };
    enter(true);
    const again = setInterval(() => {
      enter(true, writes);
      look.current();
    }, SAY_AGAIN_MS);
    window.addEventListener('samovar:writes', wrote);
    return () => {
      clearTimeout(still);
      clearInterval(again);
      window.removeEventListener('samovar:writes', wrote);
      enter(false);
    };
  }, [contact_id, channel_id]);
}

function Close({ place, phone, put }: { place: Place; phone: boolean; put: (one: Conversation) => void }) {
  const t = useWords('inbox');
  const close = api.useMutation('post', '/api/v1/conversations/{contact_id}/{channel_id}/close', {
    onSuccess: (one) => {
      put(one);
      tell(t('closed'));
    },
    onError: tellProblem,
  });
  const run = () => close.mutate({ params: path(place) });
  if (phone) {
    return (
      <ActionIcon
        variant="subtle"
        color="gray"
        size={44}
        aria-label={t('close')}
        loading={close.isPending}
        onClick={run}
      >
        <IconCheck size={21} />
      </ActionIcon>
    );
  }
  return (
    <Button variant="default" leftSection={<IconCheck size={17} />} loading={close.isPending} onClick={run}>
      {t('close')}
    </Button>
  );
}

type MoreProps = { one: Conversation; place: Place; put: (one: Conversation) => void; take?: () => void };

function More({ one, place, put, take }: MoreProps) {
  const t = useWords('inbox');
  const params = path(place);
  const address = '/api/v1/conversations/{contact_id}/{channel_id}' as const;
  const giveBack = api.useMutation('post', `${address}/give-back`, {
    onSuccess: () => tell(t('givenBack')),
    onError: tellProblem,
  });
  const mark = api.useMutation('put', `${address}/mark`, { onError: tellProblem });
  const snooze = api.useMutation('put', `${address}/snooze`, {
    onSuccess: (next) => {
      put(next);
      if (next.snoozed_until) tell(t('snooze.done', { time: moment(next.snoozed_until) }));
    },
    onError: tellProblem,
  });
  const { zone } = useMe();
  const until = (moment: string) => snooze.mutate({ params, body: { until: moment } });
  const after = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
  const at = (time: string, days = 0) =>
    instantOf(`${localOf(after(24 * days), zone).slice(0, 10)}T${time}`, zone);
  const open = one.state === 'free' || one.state === 'taken';
  const late = localOf(Date.now(), zone).slice(11) >= EVENING;
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={t('more')}>
          <IconDotsVertical size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {take && (
          <Menu.Item leftSection={<IconUser size={16} />} onClick={take}>
            {t('take')}
          </Menu.Item>
        )}
        {open && (
          <Menu.Item leftSection={<IconRobot size={16} />} onClick={() => giveBack.mutate({ params })}>
            {t('giveBack')}
          </Menu.Item>
        )}
        <Begin place={place} channel={one.channel_id} />
        {open && (
          <Menu.Item
            leftSection={<IconMailOpened size={16} />}
            onClick={() => mark.mutate({ params, body: { unread: true } })}
          >
            {t('markUnread')}
          </Menu.Item>
        )}
        {open && (
          <>
            <Menu.Divider />
            <Menu.Label>
              <IconAlarm size={14} /> {t('snooze.title')}
            </Menu.Label>
            <Menu.Item onClick={() => until(after(1))}>{t('snooze.hour')}</Menu.Item>
            {!late && <Menu.Item onClick={() => until(at(EVENING))}>{t('snooze.evening')}</Menu.Item>}
            <Menu.Item onClick={() => until(at(MORNING, 1))}>{t('snooze.morning')}</Menu.Item>
            <Menu.Item onClick={() => until(after(7 * 24))}>{t('snooze.week')}</Menu.Item>
            {one.snoozed_until && (
              <Menu.Item onClick={() => snooze.mutate({ params, body: { until: null } })}>
                {t('snooze.again')}
              </Menu.Item>
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The scenarios of the channel. */
function Begin({ place, channel }: { place: Place; channel: string }) {
  const t = useWords('inbox');
  const may = useMay('channels_read');
  const found = api.useQuery(
    'get',
    '/api/v1/channels/{id}',
    { params: { path: { id: channel } } },
    { enabled: may, staleTime: 60_000 },
  );
  const begin = api.useMutation('post', '/api/v1/conversations/{contact_id}/{channel_id}/begin', {
    onError: tellProblem,
  });
  const keys = found.data?.scenarios ?? [];
  if (!may || keys.length === 0) return null;
  return (
    <Menu.Sub>
      <Menu.Sub.Target>
        <Menu.Sub.Item leftSection={<IconPlayerPlay size={16} />}>{t('begin')}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown>
        {keys.map((scenario) => (
          <Menu.Item
            key={scenario}
            onClick={() =>
              begin.mutate(
                { params: path(place), body: { scenario } },
                { onSuccess: () => tell(t('begun', { name: scenario })) },
              )
            }
          >
            {scenario}
          </Menu.Item>
        ))}
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}
