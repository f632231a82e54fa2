import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { type Draft, stepsOf } from './model';
import classes from './Preview.module.css';

type Message = components['schemas']['DrawnMessage'];
const SAYS = ['say', 'choose', 'ask', 'show', 'hand_off'];

/** A step as the guest sees it, drawn by the program for each messenger. */
export function Preview({ draft, step }: { draft: Draft; step: string }) {
  const t = useWords('scenarios');
  const [messenger, setMessenger] = useState('telegram');
  const { layout: _, ...meant } = draft;
  const kind = stepsOf(draft)[step]?.kind;
  const [settled] = useDebouncedValue(JSON.stringify(meant), 500);
  const shown = useQuery({
    queryKey: ['scenario-preview', step, settled],
    queryFn: async () => {
      const body = { draft: JSON.parse(settled), step, name: t('guestName') };
      const { data } = await fetcher.POST('/api/v1/scenarios/preview', { body });
      return data ?? [];
    },
    placeholderData: keepPreviousData,
    enabled: kind !== undefined && SAYS.includes(kind),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!kind || !SAYS.includes(kind)) return null;
  const messages = shown.data?.find((one) => one.messenger === messenger)?.messages ?? [];
  return (
    <section className={classes.preview} tabIndex={0} aria-label={t('inspector.preview')}>
      <SegmentedControl
        size="xs"
        aria-label={t('inspector.preview')}
        value={messenger}
        onChange={setMessenger}
        data={[
          { value: 'telegram', label: 'Telegram' },
          { value: 'webchat', label: t('messenger.webchat') },
        ]}
      />
      {shown.isError || messages.length === 0 ? (
        <p className={classes.none}>{shown.isPending ? '' : t('inspector.previewFailed')}</p>
      ) : (
        messages.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages stand in their order
          <Shown key={at} message={message} />
        ))
      )}
    </section>
  );
}

function Shown({ message }: { message: Message }) {
  return (
    <div>
      <div className={classes.bubble}>
        {message.media && <div className={classes.media}>{message.media.split('/')[0]}</div>}
        {message.text}
      </div>
      {message.rows.map((row) => (
        <div key={row.map((one) => one.label).join('|')} className={classes.keys}>
          {row.map((one) => (
            <span key={one.label}>{one.label}</span>
          ))}
        </div>
      ))}
    </div>
  );
}
