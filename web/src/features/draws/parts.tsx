import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { components } from '../../api/schema';
import { useMe } from '../../api/session';
import { language, useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { instantOf, localOf } from '../../lib/zone';
import { Chip, type Tone } from '../../ui/Chip';
import classes from './Draws.module.css';

export type Draw = components['schemas']['Draw'];
export type DrawPlan = components['schemas']['DrawPlan'];
export type Source = components['schemas']['DrawSource'];
export type Winner = components['schemas']['Winner'];

const TONES: Record<string, Tone> = {
  planned: 'plain',
  freezing: 'info',
  frozen: 'warn',
  drawn: 'accent',
  published: 'ok',
};

/** Where a draw stands. */
export function StateChip({ state }: { state: string }) {
  const t = useWords('draws');
  return <Chip tone={TONES[state] ?? 'plain'}>{t(`state.${state}`)}</Chip>;
}

/** The parts of the address. */
export const useIds = () => useParams({ strict: false }) as { id: string; draw: string; place?: string };

/** Reads everything of promotions again. */
export function useAgain(): () => void {
  const client = useQueryClient();
  return () =>
    void client.invalidateQueries({
      predicate: ({ queryKey }) => /^\/api\/v1\/(promotions|prize)/.test(String(queryKey[1] ?? '')),
    });
}

/** A moment by the clock of the business. */
export function useMoment(): (at: string) => string {
  const zone = useMe().zone;
  return (at) => moment(at, zone);
}

/** The moment, each second anew. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** «35 %» of basis points. */
export const rate = (points: number): string =>
  new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: 2 }).format(points / 10_000);

/** A field of date and time by the clock of the business. */
export function MomentField({
  label,
  hint,
  value,
  set,
  error,
}: {
  label: string;
  hint?: string;
  value: string;
  set: (value: string) => void;
  error?: string;
}) {
  const zone = useMe().zone;
  return (
    <TextInput
      type="datetime-local"
      label={label}
      description={hint}
      value={localOf(value, zone)}
      onChange={(event) => event.currentTarget.value && set(instantOf(event.currentTarget.value, zone))}
      error={error}
    />
  );
}

/** Names and values under each other. */
export function Facts({ facts }: { facts: [name: string, value: string][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
