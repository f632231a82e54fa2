import { IconAlarm, IconClock, IconFile, IconPhoto, IconRobot, IconUser } from '@tabler/icons-react';
import { memo } from 'react';
import { useWords } from '../../i18n';
import { moment, recent, span } from '../../lib/format';
import { Avatar } from '../../ui/Avatar';
import { Chip, Counter } from '../../ui/Chip';
import type { Conversation, Place } from './data';
import { MessengerMark } from './MessengerMark';
import classes from './Row.module.css';

/** Whoever waits longer is overdue. */
const PATIENCE_S = 15 * 60;
const TAGS = 2;

type RowProps = {
  one: Conversation;
  selected: boolean;
  marked: boolean;
  names: Map<string, string>;
  open: (one: Place) => void;
};

/** A conversation in the list. */
export const Row = memo(function Row({ one, selected, marked, names, open }: RowProps) {
  const t = useWords('inbox');
  const name = one.name || t('nobody');
  const waits = one.waiting_since
    ? Math.max(0, (Date.now() - Date.parse(one.waiting_since)) / 1000)
    : undefined;
  const media = one.last.media === 'photo' ? t('photo') : one.last.media === 'file' ? t('file') : '';
  const words = one.found ?? [media, one.last.text].filter(Boolean).join(' · ');
  const assignee = one.assignee ? names.get(one.assignee) : undefined;
  const chips = one.tags.length > 0 || waits !== undefined || one.snoozed_until || assignee;
  return (
    <button
      type="button"
      className={classes.row}
      data-selected={selected || undefined}
      data-marked={marked || undefined}
      aria-current={selected || undefined}
      onClick={() => open(one)}
    >
      <span className={classes.face}>
        <Avatar name={name} size={44} />
        <MessengerMark kind={one.messenger} />
      </span>
      <span className={classes.text}>
        <span className={classes.line}>
          <span className={classes.name}>{name}</span>
          <time className={classes.time} dateTime={one.last.at}>
            {recent(one.last.at)}
          </time>
        </span>
        <span className={classes.line}>
          <span className={classes.words} data-unread={one.unread > 0 || undefined}>
            {!one.found && one.last.by === 'bot' && (
              <IconRobot size={15} stroke={1.8} aria-label={t('bot')} />
            )}
            {!one.found && one.last.by === 'team' && (
              <IconUser size={15} stroke={1.8} aria-label={t('you')} />
            )}
            {!one.found && one.last.media === 'photo' && <IconPhoto size={15} stroke={1.8} aria-hidden />}
            {!one.found && one.last.media === 'file' && <IconFile size={15} stroke={1.8} aria-hidden />}
            <span>{words}</span>
          </span>
          {one.unread > 0 && (
            <span className={classes.unread}>
              <Counter count={one.unread} mine />
              <span className="visually-hidden">{t('unreadCount', { count: one.unread })}</span>
            </span>
          )}
        </span>
        {chips && (
          <span className={classes.chips}>
            {one.tags.slice(0, TAGS).map((tag) => (
              <Chip key={tag} tone="accent">
                {tag}
              </Chip>
            ))}
            {waits !== undefined && (
              <Chip tone={waits > PATIENCE_S ? 'bad' : 'plain'} icon={<IconClock stroke={1.8} />}>
                {t('waits', { span: span(waits) })}
              </Chip>
            )}
            {one.snoozed_until && Date.parse(one.snoozed_until) > Date.now() && (
              <Chip tone="info" icon={<IconAlarm stroke={1.8} />}>
                {t('until', { time: moment(one.snoozed_until) })}
              </Chip>
            )}
            {assignee && waits === undefined && <Chip>{assignee}</Chip>}
          </span>
        )}
      </span>
    </button>
  );
});
