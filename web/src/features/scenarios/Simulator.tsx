import { ActionIcon, Button, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { IconClock, IconPhoto, IconRefresh, IconSend, IconSparkles, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { fetcher, type Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { clock, moment, signed } from '../../lib/format';
import { Bubble } from '../../ui/Bubble';
import type { Draft } from './model';
import classes from './Simulator.module.css';

type Simulated = components['schemas']['Simulated'];
type Change = components['schemas']['FactChange'];
type Act = { do: string } & Record<string, unknown>;
const HOUR = 60;
const DAYS = 3 * 24 * 60;

type Props = {
  draft: Draft;
  close: () => void;
  /** Where the guest stands: shown on the canvas. */
  stand: (step: string | undefined) => void;
  /** Begin at this step instead of at the start. */
  from?: string;
};

/** Plays the guest against the draft with a clock of its own; the program plays it all anew with every act. */
export function Simulator({ draft, close, stand, from }: Props) {
  const t = useWords('scenarios');
  const first: Act = from ? { do: 'enter', step: from } : { do: 'start' };
  const [messenger, setMessenger] = useState<'telegram' | 'webchat'>('telegram');
  const [name, setName] = useState(() => t('guestName'));
  const [points, setPoints] = useState(0);
  const [acts, setActs] = useState<Act[]>([first]);
  const [typed, setTyped] = useState('');
  const [told, setTold] = useState<Simulated | null>(null);
  const began = useRef<string | undefined>(undefined);
  const end = useRef<HTMLDivElement>(null);
  const { layout: _, ...meant } = draft;
  const source = JSON.stringify(meant);
  const play = useMutation({
    mutationFn: async (all: Act[]) => {
      const { data } = await fetcher.POST('/api/v1/scenarios/simulate', {
        body: {
          draft: JSON.parse(source),
          messenger,
          guest: { name, points, phone: null, tags: [] },
          began: began.current,
          acts: all,
        } as never,
      });
      return data!;
    },
    onSuccess: (data) => {
      began.current = data.began;
      setTold(data);
      stand(data.step ?? undefined);
    },
  });
  const { mutate } = play;
  // biome-ignore lint/correctness/useExhaustiveDependencies: played again whenever one of these changes
  useEffect(() => {
    const timer = setTimeout(() => mutate(acts), 60);
    return () => clearTimeout(timer);
  }, [acts, source, messenger, name, points]);
  useEffect(() => () => stand(undefined), [stand]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest message is brought into sight
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [told]);
  const act = useCallback((next: Act) => setActs((all) => [...all, next].slice(0, 200)), []);
  const again = () => {
    began.current = undefined;
    setActs([first]);
  };
  const say = () => {
    if (!typed.trim()) return;
    act({ do: 'text', text: typed.trim() });
    setTyped('');
  };
  const share = told?.scenes
    .flatMap((scene) => scene.messages)
    .at(-1)
    ?.rows.flat()
    .some((key) => key.does === 'share_phone');
  let number = 0;
  return (
    <section className={classes.panel} aria-label={t('sim.title')}>
      <header className={classes.head}>
        <div>
          <h2>{t('sim.title')}</h2>
          <p>{t('sim.hint')}</p>
        </div>
        <ActionIcon aria-label={t('common:do.close')} onClick={close}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      <div className={classes.setting}>
        <SegmentedControl
          size="xs"
          aria-label={t('sim.title')}
          value={messenger}
          onChange={(next) => setMessenger(next as typeof messenger)}
          data={[
            { value: 'telegram', label: 'Telegram' },
            { value: 'webchat', label: t('messenger.webchat') },
          ]}
        />
        <TextInput
          size="xs"
          aria-label={t('sim.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          size="xs"
          aria-label={t('sim.points')}
          min={0}
          max={1_000_000}
          suffix={` ${t('sim.points').toLocaleLowerCase()}`}
          value={points}
          onChange={(value) => setPoints(Number(value) || 0)}
        />
      </div>
      <div className={classes.talk} tabIndex={0} role="log" aria-label={t('sim.title')}>
        {play.isError && (
          <p className={classes.broken} role="alert">
            {t('sim.broken')}: {(play.error as Problem).message}
          </p>
        )}
        {told?.scenes.map((scene, at) => {
          const did = acts[at];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: scenes stand in their order
            <div key={at} className={classes.scene}>
              {did && <Did act={did} at={scene.at} />}
              {scene.messages.map((message) => {
                const mine = number;
                number += 1;
                return (
                  <Bubble
                    key={mine}
                    voice="guest"
                    foot={clock(message.at ?? scene.at)}
                    buttons={message.rows.map((row) =>
                      row.map((key) => ({
                        label: key.label,
                        press:
                          key.does === 'open'
                            ? undefined
                            : () => act({ do: 'press', message: mine, label: key.label }),
                      })),
                    )}
                  >
                    {message.media && (
                      <span className={classes.media}>
                        <IconPhoto size={16} /> {message.media.split('/')[0]}
                      </span>
                    )}
                    {message.text}
                  </Bubble>
                );
              })}
              {scene.changes.filter(worth).map((change) => (
                <p key={change.path} className={classes.effect}>
                  <IconSparkles size={14} /> <Effect change={change} />
                </p>
              ))}
            </div>
          );
        })}
        <div ref={end} />
      </div>
      <footer className={classes.foot}>
        <p className={classes.state}>
          <IconClock size={14} />
          {told && moment(told.now)}
          <span>
            {told?.next_at
              ? t('sim.asleep', { time: moment(told.next_at) })
              : told?.awaits === 'operator'
                ? t('sim.person')
                : told?.awaits === 'nothing'
                  ? t('sim.nothing')
                  : ''}
          </span>
        </p>
        <div className={classes.quick}>
          <Button size="compact-sm" variant="default" onClick={() => act({ do: 'pass', minutes: HOUR })}>
            {t('sim.hour')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => act({ do: 'pass', minutes: DAYS })}>
            {t('sim.days')}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={!told?.next_at}
            onClick={() => act({ do: 'silence' })}
          >
            {t('sim.silence')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => act({ do: 'photo' })}>
            {t('sim.photo')}
          </Button>
          {share && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => act({ do: 'phone', number: '+79990000001' })}
            >
              {t('sim.contact')}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconRefresh size={14} />}
            onClick={again}
          >
            {t('sim.again')}
          </Button>
        </div>
        <form
          className={classes.write}
          onSubmit={(event) => {
            event.preventDefault();
            say();
          }}
        >
          <TextInput
            className={classes.input}
            aria-label={t('sim.write')}
            placeholder={t('sim.write')}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <ActionIcon type="submit" variant="filled" color="copper" size={36} aria-label={t('sim.send')}>
            <IconSend size={17} />
          </ActionIcon>
        </form>
      </footer>
    </section>
  );
}

/** What the guest did. */
function Did({ act, at }: { act: Act; at: string }) {
  const t = useWords('scenarios');
  if (act.do === 'pass') {
    const hours = Number(act.minutes) / 60;
    return (
      <p className={classes.line}>
        {hours >= 24 ? t('sim.days') : t('sim.hour')} · {moment(at)}
      </p>
    );
  }
  if (act.do === 'silence')
    return (
      <p className={classes.line}>
        {t('sim.silence')} · {moment(at)}
      </p>
    );
  if (act.do === 'start' || act.do === 'enter') return <p className={classes.line}>{t('sim.started')}</p>;
  const words =
    act.do === 'text'
      ? String(act.text)
      : act.do === 'press'
        ? String(act.label)
        : act.do === 'photo'
          ? t('sim.photoSent')
          : t('sim.contactSent');
  return <Bubble voice="us">{words}</Bubble>;
}

/** Changes that say something to whoever writes the scenario. */
const worth = (change: Change) =>
  !['contact.messenger_name', 'loyalty.card', 'loyalty.next_expiry_date'].includes(change.path) &&
  (change.kind !== null && change.kind !== undefined ? true : change.path.startsWith('contact.fields.'));

function Effect({ change }: { change: Change }) {
  const t = useWords('scenarios');
  const { before, after } = change as { before: unknown; after: unknown };
  if (change.kind === 'points' && typeof after === 'number') {
    return (
      <>
        {change.title}: <b>{signed(after - (typeof before === 'number' ? before : 0))}</b>
      </>
    );
  }
  if (Array.isArray(after) || Array.isArray(before)) {
    const was = Array.isArray(before) ? before.map(String) : [];
    const is = Array.isArray(after) ? after.map(String) : [];
    const more = is.filter((one) => !was.includes(one)).map((one) => t('sim.tags', { name: one }));
    const less = was.filter((one) => !is.includes(one)).map((one) => t('sim.untag', { name: one }));
    return <>{[...more, ...less].join(', ')}</>;
  }
  const words = typeof after === 'boolean' ? (after ? '✓' : '—') : String(after ?? '—');
  return (
    <>
      {change.title}: <b>{words}</b>
    </>
  );
}
