import { ActionIcon, Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconChecks,
  IconChevronDown,
  IconClock,
  IconFile,
  IconHelpCircle,
  IconNote,
  IconSparkles,
} from '@tabler/icons-react';
import { memo, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { clock, day, money, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Bubble } from '../../ui/Bubble';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import type { Line, Place, useLines } from './data';
import classes from './Lines.module.css';
import { forget, type Pending, sayAgain, usePending } from './outbox';

/** Nearer to the end than this one is at the end. */
const END_PX = 80;
const START_PX = 400;

type LinesProps = {
  place: Place;
  lines: ReturnType<typeof useLines>;
  names: Map<string, string>;
  /** How much stood unread when the conversation was opened. */
  unread: number;
  /** What a person was called for. */
  reason: string;
};

/** The lines of a conversation. It stays at the end while one is there, and stays where one reads otherwise. */
export function Lines({
  place,
  lines: { lines, more, earlier, older, latest },
  names,
  unread,
  reason,
}: LinesProps) {
  const t = useWords('inbox');
  const pane = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [missed, setMissed] = useState(0);
  const [away, setAway] = useState(false);
  const pending = usePending(place);

  // What stands among the lines is not on its way any more.
  useEffect(() => {
    const said = new Set(lines.map((line) => line.once).filter(Boolean));
    const gone = pending.filter((one) => said.has(one.once)).map((one) => one.once);
    if (gone.length > 0) forget(gone);
  }, [lines, pending]);
  const waiting = pending.filter((one) => !lines.some((line) => line.once === one.once));

  const last = lines.at(-1)?.id;
  const first = lines[0]?.id;
  const seen = useRef<string | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what moves the lines
  useLayoutEffect(() => {
    const box = pane.current;
    if (!box) return;
    if (atEnd.current) {
      box.scrollTop = box.scrollHeight;
      setMissed(0);
    } else if (seen.current && last !== seen.current) {
      const at = lines.findIndex((line) => line.id === seen.current);
      const heard = lines
        .slice(at + 1)
        .filter((line) => line.kind === 'heard' || line.kind === 'said').length;
      setMissed((count) => count + heard);
    }
    seen.current = last;
  }, [last, waiting.length]);
  // Earlier lines come above: what one reads stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what grows above
  useLayoutEffect(() => {
    const box = pane.current;
    if (!box) return;
    if (!atEnd.current) box.scrollTop += box.scrollHeight - height.current;
    height.current = box.scrollHeight;
  }, [first]);
  // Pictures that come later must not push the end away.
  useEffect(() => {
    const box = pane.current;
    if (!box?.firstElementChild) return;
    const watch = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
      height.current = box.scrollHeight;
    });
    watch.observe(box.firstElementChild);
    watch.observe(box);
    return () => watch.disconnect();
  }, []);

  const scrolled = () => {
    const box = pane.current;
    if (!box) return;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
    height.current = box.scrollHeight;
    setAway(!atEnd.current);
    if (atEnd.current) setMissed(0);
    if (box.scrollTop < START_PX && more && !older) void earlier().catch(() => undefined);
  };
  const toEnd = () => {
    const box = pane.current;
    atEnd.current = true;
    box?.scrollTo({ top: box.scrollHeight });
    setMissed(0);
    setAway(false);
  };

  const firstUnread = useFirstUnread(lines, unread);
  let date = '';
  return (
    <div className={classes.frame}>
      <div
        ref={pane}
        className={classes.pane}
        onScroll={scrolled}
        tabIndex={0}
        role="log"
        aria-label={t('title')}
      >
        <div className={classes.lines}>
          {latest.isPending ? (
            <RowsSkeleton rows={6} height={64} />
          ) : latest.isError && lines.length === 0 ? (
            <ErrorNote problem={latest.error} retry={() => void latest.refetch()} />
          ) : lines.length === 0 && waiting.length === 0 ? (
            <EmptyState title={t('empty.lines')} />
          ) : null}
          {more && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              loading={older}
              onClick={() => void earlier()}
              className={classes.more}
            >
              {t('older')}
            </Button>
          )}
          {lines.map((line) => {
            const on = day(line.at);
            const turns = on !== date;
            date = on;
            return (
              <div key={line.id} className={classes.line}>
                {turns && <p className={classes.day}>{on}</p>}
                {line.id === firstUnread && <p className={classes.unread}>{t('unread')}</p>}
                <One line={line} names={names} />
              </div>
            );
          })}
          {waiting.map((one) => (
            <div key={one.once} className={classes.line}>
              <Waiting one={one} />
            </div>
          ))}
          {reason && <p className={classes.done}>{t('reason', { reason })}</p>}
        </div>
      </div>
      {away && (
        <div className={classes.below}>
          {missed > 0 ? (
            <Button
              radius="xl"
              size="compact-md"
              variant="default"
              rightSection={<IconChevronDown size={15} />}
              onClick={toEnd}
            >
              {t('newer', { count: missed })}
            </Button>
          ) : (
            <ActionIcon radius="xl" size={36} variant="default" aria-label={t('toEnd')} onClick={toEnd}>
              <IconChevronDown size={18} />
            </ActionIcon>
          )}
        </div>
      )}
    </div>
  );
}

/** The line above which «Новые сообщения» stands: settled once, when the lines come. */
function useFirstUnread(lines: Line[], unread: number): string | undefined {
  const found = useRef<string | undefined>(undefined);
  if (found.current === undefined && unread > 0 && lines.length > 0) {
    const heard = lines.filter((line) => line.kind === 'heard');
    found.current = heard.at(-Math.min(unread, heard.length))?.id;
  }
  return found.current;
}

const MARKS = {
  sending: <IconClock size={14} />,
  sent: <IconChecks size={15} />,
  unsure: <IconHelpCircle size={14} />,
  failed: <IconAlertTriangle size={14} />,
};

/** One line. */
const One = memo(function One({ line, names }: { line: Line; names: Map<string, string> }) {
  const t = useWords('inbox');
  const who = (id?: string) => (id?.startsWith('stf_') ? (names.get(id) ?? '…') : t('program'));
  const time = <time dateTime={line.at}>{clock(line.at)}</time>;
  if (line.kind === 'heard') {
    return (
      <Bubble voice="guest" foot={time}>
        <Content line={line} />
      </Bubble>
    );
  }
  if (line.kind === 'note') {
    return (
      <Bubble
        voice="note"
        head={
          <span className={classes.head}>
            <IconNote size={15} /> {t('note', { name: who(line.author) })}
          </span>
        }
        foot={time}
      >
        {line.text}
      </Bubble>
    );
  }
  if (line.kind === 'said') {
    const ours = line.by === 'team';
    const state = line.state ?? 'sent';
    const bad = state === 'failed' || state === 'unsure';
    return (
      <>
        <Bubble
          voice={ours ? 'us' : 'bot'}
          head={ours ? who(line.author) : line.scenario ? t('botOf', { name: line.scenario }) : t('bot')}
          buttons={line.buttons?.map((row) => row.map(({ label }) => ({ label })))}
          foot={
            <span className={classes.foot}>
              {time}
              {(ours || bad) && (
                <span
                  title={line.note ?? t(`lineState.${state}`)}
                  role="img"
                  aria-label={t(`lineState.${state}`)}
                >
                  {MARKS[state]}
                </span>
              )}
            </span>
          }
        >
          <Content line={line} />
        </Bubble>
        {bad && <Failed line={line} />}
      </>
    );
  }
  return (
    <p className={classes.done}>
      <IconSparkles size={15} />
      <span>
        <Happened line={line} who={who} />
      </span>
      {time}
    </p>
  );
});

function Happened({ line, who }: { line: Line; who: (id?: string) => string }): ReactNode {
  const t = useWords('inbox');
  if (line.kind === 'points') {
    const points = t('common:say.points', { count: Math.abs(line.points ?? 0) });
    return t((line.points ?? 0) > 0 ? 'event.earned' : 'event.spent', {
      points,
      balance: whole(line.balance ?? 0),
    });
  }
  if (line.kind === 'deal') {
    return [t('event.deal', { title: line.text ?? '' }), line.sum ? money(line.sum) : '']
      .filter(Boolean)
      .join(' · ');
  }
  const known = ['taken', 'assigned', 'released', 'closed', 'given_back', 'begun'] as const;
  const what = known.find((one) => one === line.what);
  if (!what) return line.what;
  const to = line.detail?.startsWith('stf_') ? who(line.detail) : (line.detail ?? '');
  return t(`event.${what}`, { name: who(line.author), to });
}

/** Words and a picture or file. */
function Content({ line }: { line: Line }) {
  const t = useWords('inbox');
  const file = line.file;
  if (!file) return line.text;
  const address = `/api/v1/media/${encodeURIComponent(file.id)}`;
  return (
    <>
      {file.kind === 'photo' ? (
        <a href={address} target="_blank" rel="noreferrer" className={classes.photo}>
          <img src={address} alt={line.text || t('photo')} loading="lazy" />
        </a>
      ) : (
        <a href={address} download className={classes.file}>
          <IconFile size={20} stroke={1.7} />
          {file.name ?? t('file')}
        </a>
      )}
      {line.text}
    </>
  );
}

/** A message that did not arrive, or perhaps not. */
function Failed({ line }: { line: Line }) {
  const t = useWords('inbox');
  const may = useMay('conversations_write');
  const again = api.useMutation('post', '/api/v1/messages/{id}/repeat', {
    onSuccess: () => tell(t('againDone')),
    onError: tellProblem,
  });
  return (
    <p className={classes.failed} data-state={line.state}>
      {t(`lineState.${line.state ?? 'failed'}`)}
      {may && line.message_id && (
        <button
          type="button"
          className="link-button"
          disabled={again.isPending}
          onClick={() => again.mutate({ params: { path: { id: line.message_id! } } })}
        >
          {t('again')}
        </button>
      )}
    </p>
  );
}

/** An answer on its way. */
function Waiting({ one }: { one: Pending }) {
  const t = useWords('inbox');
  const files = useMemo(() => one.files.map((file) => file.name).join(', '), [one.files]);
  return (
    <>
      <Bubble
        voice="us"
        buttons={one.buttons.length > 0 ? one.buttons.map((label) => [{ label }]) : undefined}
        foot={
          <span className={classes.foot}>
            <time>{clock(one.at)}</time>
            <span role="img" aria-label={t('lineState.sending')}>
              {one.state === 'taken' ? <IconCheck size={14} /> : <IconClock size={14} />}
            </span>
          </span>
        }
      >
        {[one.text, files].filter(Boolean).join('\n')}
      </Bubble>
      {one.state === 'waiting' && <p className={classes.failed}>{t('waitingForLink')}</p>}
      {one.state === 'refused' && (
        <p className={classes.failed} data-state="failed" role="alert">
          {one.why}
          <button type="button" className="link-button" onClick={() => sayAgain(one.once)}>
            {t('common:do.retry')}
          </button>
          <button
            type="button"
            className="link-button"
            onClick={() => {
              window.dispatchEvent(new CustomEvent('samovar:take-back', { detail: one }));
              forget([one.once]);
            }}
          >
            {t('drop')}
          </button>
        </p>
      )}
    </>
  );
}
