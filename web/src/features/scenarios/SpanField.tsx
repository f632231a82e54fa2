import { NumberInput, Select, TextInput } from '@mantine/core';
import { useWords } from '../../i18n';
import classes from './Inspector.module.css';
import { seconds } from './model';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** A length of time: a number and its unit; where it is allowed, an hour of the day instead. */
export function SpanField({
  label,
  value,
  until,
  change,
}: {
  label: string;
  value: string;
  until?: string;
  change: (span: string | undefined, until?: string) => void;
}) {
  const t = useWords('scenarios');
  const total = seconds(value);
  const [unit, size] = UNITS.find(([, size]) => total >= size && total % size === 0) ?? ['m', 60];
  const byHour = until !== undefined && until !== '';
  const units = [
    ...(['s', 'm', 'h', 'd'] as const).map((one) => ({
      value: one as string,
      label: t(`inspector.unit.${one}`),
    })),
    ...(until === undefined ? [] : [{ value: 'until', label: t('inspector.waitUntil') }]),
  ];
  return (
    <div className={classes.pair}>
      {byHour ? (
        <TextInput
          label={label}
          value={until}
          onChange={(event) => change(undefined, event.currentTarget.value)}
        />
      ) : (
        <NumberInput
          label={label}
          min={1}
          value={total > 0 ? total / size : ''}
          onChange={(number) => change(`${Math.max(1, Number(number) || 1)}${unit}`)}
        />
      )}
      <Select
        label=" "
        aria-label={label}
        allowDeselect={false}
        value={byHour ? 'until' : unit}
        data={units}
        onChange={(next) =>
          next === 'until' ? change(undefined, '10:00') : change(`${Math.max(1, total / size || 1)}${next}`)
        }
      />
    </div>
  );
}
