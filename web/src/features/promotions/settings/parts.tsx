import { NumberInput, TagsInput, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMe } from '../../../api/session';
import type { Terms } from '../../../lib/promotions';
import { instantOf, localOf } from '../../../lib/zone';
import { Card } from '../../../ui/Card';
import classes from './Settings.module.css';

/** What is edited: the promotion's own fields and its terms. */
export type Draft = {
  name: string;
  starts_at: string;
  ends_at: string;
  channel_id: string | null;
  terms: Terms;
};

/** What a section gets. */
export type Part = {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  set: (part: Partial<Terms>) => void;
  /** It runs or ran: its period is not changed here. */
  fixed: boolean;
  /** What is wrong with a field, by its path in the terms. */
  wrong: (field: string) => string | undefined;
};

/** A card of fields in one column. */
export function Section({
  title,
  subtitle,
  aside,
  children,
}: {
  title: string;
  subtitle?: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card title={title} subtitle={subtitle} aside={aside}>
      <div className={classes.fields}>{children}</div>
    </Card>
  );
}

type AmountProps = {
  label: string;
  hint?: string;
  value: number | null | undefined;
  set: (value: number | undefined) => void;
  unit?: string;
  decimals?: number;
  error?: string;
  placeholder?: string;
  max?: number;
};

/** A number with its unit; an empty field is none. */
export function Amount({ label, hint, value, set, unit, decimals = 0, ...rest }: AmountProps) {
  return (
    <NumberInput
      label={label}
      description={hint}
      value={value ?? ''}
      onChange={(typed) => set(typed === '' ? undefined : Number(typed))}
      suffix={unit ? `\u00a0${unit}` : undefined}
      decimalScale={decimals}
      thousandSeparator={'\u00a0'}
      decimalSeparator=","
      allowNegative={false}
      {...rest}
    />
  );
}

type MomentProps = {
  label: string;
  hint?: string;
  value: string;
  set: (value: string) => void;
  error?: string;
  disabled?: boolean;
};

/** A moment by the clock of the business. */
export function MomentField({ label, hint, value, set, error, disabled }: MomentProps) {
  const zone = useMe().zone;
  return (
    <TextInput
      type="datetime-local"
      label={label}
      description={hint}
      value={localOf(value, zone)}
      onChange={(event) => event.currentTarget.value && set(instantOf(event.currentTarget.value, zone))}
      error={error}
      disabled={disabled}
    />
  );
}

/** Words, one after another: Enter or a comma ends one; a pasted list falls into words. */
export function WordsField({
  label,
  hint,
  value,
  set,
  error,
  placeholder,
}: {
  label: string;
  hint?: string;
  value: string[];
  set: (value: string[]) => void;
  error?: string;
  placeholder?: string;
}) {
  return (
    <TagsInput
      label={label}
      description={hint}
      value={value}
      onChange={set}
      splitChars={[',', ';', '\n', '\t']}
      acceptValueOnBlur
      maxTags={2_000}
      placeholder={value.length === 0 ? placeholder : undefined}
      error={error}
      classNames={{ pillsList: classes.words }}
      clearable
    />
  );
}
