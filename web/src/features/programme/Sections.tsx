import { NumberInput, SegmentedControl, Select, SimpleGrid, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../../i18n';
import { money, whole } from '../../lib/format';
import type { Programme, Rounding } from '../../lib/loyalty';
import { Card } from '../../ui/Card';
import classes from './Programme.module.css';
import type { Draft } from './ProgrammePage';

const SAMPLE_MINOR = 159_000;

type Part = Draft & { focus: (key: string) => void };

/** The rules: what is earned, what can be paid, when points end. */
export function Sections(part: Part) {
  return (
    <>
      <Base {...part} />
      <Earning {...part} />
      <Spending {...part} />
      <Expiry {...part} />
      <Birthday {...part} />
      <Refunds {...part} />
    </>
  );
}

function Form({
  title,
  foot,
  children,
  onFocus,
}: {
  title: string;
  foot?: ReactNode;
  children: ReactNode;
  onFocus?: () => void;
}) {
  return (
    <Card title={title}>
      <div className={classes.form} onFocusCapture={onFocus}>
        {children}
      </div>
      {foot && <p className={classes.example}>{foot}</p>}
    </Card>
  );
}

type NumberProps = {
  label: string;
  hint?: string;
  value: number | undefined;
  set: (value: number | undefined) => void;
  unit?: string;
  min?: number;
  max?: number;
  step?: number;
  decimals?: number;
  placeholder?: string;
  error?: string;
};

/** A number with its unit; an empty field is none. */
function Amount({ label, hint, value, set, unit, decimals = 0, error, ...rest }: NumberProps) {
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
      error={error}
      {...rest}
    />
  );
}

function Base({ programme, change, wrong }: Part) {
  const t = useWords('programme');
  const { units } = programme;
  const ru = (at: number, text: string) =>
    change({
      units: { ...units, ru: units.ru.map((word, one) => (one === at ? text : word)) as typeof units.ru },
    });
  const en = (at: number, text: string) =>
    change({
      units: { ...units, en: units.en.map((word, one) => (one === at ? text : word)) as typeof units.en },
    });
  return (
    <Form title={t('section.base')}>
      <Amount
        label={t('welcome')}
        hint={t('welcomeHint')}
        value={programme.welcome_points}
        set={(points) => change({ welcome_points: points ?? 0 })}
        unit={units.ru[2]}
        error={wrong('welcome_points')}
      />
      <Amount
        label={t('pointWorth')}
        value={programme.point_minor / 100}
        set={(worth) => change({ point_minor: Math.round((worth ?? 0) * 100) })}
        unit="₽"
        decimals={2}
        error={wrong('point_minor')}
      />
      <div className={classes.wide}>
        <span className={classes.label}>{t('unitsRu')}</span>
        <SimpleGrid cols={3} spacing={8}>
          {units.ru.map((word, at) => (
            <TextInput
              // biome-ignore lint/suspicious/noArrayIndexKey: the forms never move
              key={at}
              aria-label={`${t('unitsRu')} ${[1, 2, 5][at]}`}
              value={word}
              leftSection={<span className={classes.before}>{[1, 2, 5][at]}</span>}
              onChange={(event) => ru(at, event.currentTarget.value)}
              error={wrong(`units.ru.${at}`)}
            />
          ))}
        </SimpleGrid>
        <p className={classes.hint}>{t('unitsHint')}</p>
      </div>
      <div className={classes.wide}>
        <span className={classes.label}>{t('unitsEn')}</span>
        <SimpleGrid cols={2} spacing={8}>
          {units.en.map((word, at) => (
            <TextInput
              // biome-ignore lint/suspicious/noArrayIndexKey: the forms never move
              key={at}
              aria-label={`${t('unitsEn')} ${at + 1}`}
              value={word}
              leftSection={<span className={classes.before}>{at + 1}</span>}
              onChange={(event) => en(at, event.currentTarget.value)}
              error={wrong(`units.en.${at}`)}
            />
          ))}
        </SimpleGrid>
      </div>
    </Form>
  );
}

const ROUNDINGS: Rounding[] = ['down', 'half_up', 'up'];

function rounded(value: number, rounding: Rounding): number {
  if (rounding === 'up') return Math.ceil(value);
  return rounding === 'half_up' ? Math.round(value) : Math.floor(value);
}

function earnedBy({ earning, point_minor: worth }: Programme, sum: number): number {
  if (sum < earning.minimum_minor) return 0;
  const share = rounded((sum * earning.percent_bp) / 10_000 / worth, earning.rounding);
  return Math.min(share + earning.fixed, earning.maximum ?? Number.POSITIVE_INFINITY);
}

function Earning({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const { earning } = programme;
  const set = (part: Partial<Programme['earning']>) => change({ earning: { ...earning, ...part } });
  const points = earnedBy(programme, SAMPLE_MINOR);
  return (
    <Form
      title={t('section.earning')}
      onFocus={() => focus('notices.purchase')}
      foot={t('earning.example', {
        sum: money(SAMPLE_MINOR),
        points: t('points', { count: points, n: whole(points) }),
      })}
    >
      <Amount
        label={t('earning.percent')}
        value={earning.percent_bp / 100}
        set={(share) => set({ percent_bp: Math.round((share ?? 0) * 100) })}
        unit="%"
        decimals={2}
        max={100}
        error={wrong('earning.percent_bp')}
      />
      <Amount
        label={t('earning.fixed')}
        value={earning.fixed}
        set={(fixed) => set({ fixed: fixed ?? 0 })}
        error={wrong('earning.fixed')}
      />
      <Select
        label={t('earning.of')}
        value={earning.of}
        onChange={(of) => of && set({ of: of as 'paid' | 'whole' })}
        data={[
          { value: 'paid', label: t('earning.paid') },
          { value: 'whole', label: t('earning.whole') },
        ]}
        allowDeselect={false}
      />
      <Select
        label={t('earning.rounding')}
        value={earning.rounding}
        onChange={(rounding) => rounding && set({ rounding: rounding as Rounding })}
        data={ROUNDINGS.map((value) => ({ value, label: t(`earning.${value}`) }))}
        allowDeselect={false}
      />
      <Amount
        label={t('earning.minimum')}
        value={earning.minimum_minor / 100}
        set={(sum) => set({ minimum_minor: Math.round((sum ?? 0) * 100) })}
        unit="₽"
        decimals={2}
        error={wrong('earning.minimum_minor')}
      />
      <Amount
        label={t('earning.maximum')}
        value={earning.maximum}
        set={(maximum) => set({ maximum })}
        placeholder={t('earning.none')}
        error={wrong('earning.maximum')}
      />
    </Form>
  );
}

function Spending({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const { spending } = programme;
  const set = (part: Partial<Programme['spending']>) => change({ spending: { ...spending, ...part } });
  const part =
    SAMPLE_MINOR < spending.minimum_minor ? 0 : Math.floor((SAMPLE_MINOR * spending.max_percent_bp) / 10_000);
  return (
    <Form
      title={t('section.spending')}
      onFocus={() => focus('notices.purchase')}
      foot={spending.on && t('spending.example', { sum: money(SAMPLE_MINOR), part: money(part) })}
    >
      <Switch
        className={classes.wide}
        label={t('spending.on')}
        checked={spending.on}
        onChange={(event) => set({ on: event.currentTarget.checked })}
      />
      {spending.on && (
        <>
          <Amount
            label={t('spending.max')}
            value={spending.max_percent_bp / 100}
            set={(share) => set({ max_percent_bp: Math.round((share ?? 0) * 100) })}
            unit="%"
            decimals={2}
            max={100}
            error={wrong('spending.max_percent_bp')}
          />
          <Amount
            label={t('spending.minimum')}
            value={spending.minimum_minor / 100}
            set={(sum) => set({ minimum_minor: Math.round((sum ?? 0) * 100) })}
            unit="₽"
            decimals={2}
            error={wrong('spending.minimum_minor')}
          />
          <Amount
            label={t('spending.fixed')}
            hint={t('spending.fixedHint')}
            value={spending.fixed}
            set={(fixed) => set({ fixed })}
            unit={programme.units.ru[2]}
            error={wrong('spending.fixed')}
          />
        </>
      )}
    </Form>
  );
}

function Expiry({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const { expiry, warnings } = programme;
  const kind = expiry.yearly ? 'yearly' : programme.expiry_days ? 'days' : 'never';
  const choose = (next: string) =>
    change({
      expiry_days: next === 'days' ? (programme.expiry_days ?? 365) : undefined,
      expiry: { ...expiry, yearly: next === 'yearly' ? (expiry.yearly ?? '12-31') : undefined },
    });
  return (
    <Form title={t('section.expiry')} onFocus={() => focus('notices.expiring')}>
      <div className={classes.wide}>
        <span className={classes.label}>{t('expiry.kind')}</span>
        <SegmentedControl
          fullWidth
          value={kind}
          onChange={choose}
          aria-label={t('expiry.kind')}
          data={['never', 'days', 'yearly'].map((value) => ({ value, label: t(`expiry.${value}`) }))}
        />
      </div>
      {kind === 'days' && (
        <Amount
          label={t('expiry.daysAfter')}
          value={programme.expiry_days}
          set={(days) => change({ expiry_days: days })}
          unit={t('days', { count: programme.expiry_days ?? 0 })}
          error={wrong('expiry_days')}
        />
      )}
      {kind === 'yearly' && (
        <TextInput
          label={t('expiry.day')}
          description={t('expiry.dayHint')}
          value={expiry.yearly ?? ''}
          onChange={(event) => change({ expiry: { ...expiry, yearly: event.currentTarget.value } })}
          error={wrong('expiry.yearly')}
        />
      )}
      {kind !== 'never' && (
        <>
          <Switch
            className={classes.wide}
            label={t('expiry.prolong')}
            checked={expiry.prolong_on_purchase}
            onChange={(event) =>
              change({ expiry: { ...expiry, prolong_on_purchase: event.currentTarget.checked } })
            }
          />
          <Days
            label={t('expiry.warnDays')}
            hint={t('expiry.warnHint')}
            days={warnings.days}
            set={(days) => change({ warnings: { ...warnings, days } })}
            error={wrong('warnings.days')}
          />
          <div className={classes.pair}>
            <TextInput
              type="time"
              label={t('expiry.hour')}
              value={warnings.hour}
              onChange={(event) => change({ warnings: { ...warnings, hour: event.currentTarget.value } })}
              error={wrong('warnings.hour')}
            />
            <TextInput
              type="time"
              label={t('expiry.until')}
              value={warnings.until}
              onChange={(event) => change({ warnings: { ...warnings, until: event.currentTarget.value } })}
              error={wrong('warnings.until')}
            />
          </div>
        </>
      )}
    </Form>
  );
}

function Days({
  label,
  hint,
  days,
  set,
  error,
}: {
  label: string;
  hint: string;
  days: number[];
  set: (days: number[]) => void;
  error?: string;
}) {
  return (
    <TextInput
      key={days.join()}
      label={label}
      description={hint}
      defaultValue={days.join(', ')}
      inputMode="numeric"
      onBlur={(event) => {
        const typed = event.currentTarget.value.match(/\d+/g)?.map(Number) ?? [];
        if (typed.join() !== days.join()) set(typed);
      }}
      error={error}
    />
  );
}

function Birthday({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const { birthday, expiry } = programme;
  const set = (part: Partial<Programme['birthday']>) => change({ birthday: { ...birthday, ...part } });
  const lasts = (days: number | undefined) => {
    const { birthday: _, ...others } = expiry.days_of;
    change({ expiry: { ...expiry, days_of: days === undefined ? others : { ...others, birthday: days } } });
  };
  return (
    <Form title={t('section.birthday')} onFocus={() => focus('notices.birthday')}>
      <Amount
        label={t('birthday.points')}
        hint={t('birthday.pointsHint')}
        value={birthday.points}
        set={(points) => set({ points: points ?? 0 })}
        unit={programme.units.ru[2]}
        error={wrong('birthday.points')}
      />
      <TextInput
        type="time"
        label={t('birthday.hour')}
        value={birthday.hour}
        onChange={(event) => set({ hour: event.currentTarget.value })}
        error={wrong('birthday.hour')}
      />
      <Amount
        label={t('birthday.before')}
        value={birthday.days_before}
        set={(days) => set({ days_before: days ?? 0 })}
        unit={t('days', { count: birthday.days_before })}
        error={wrong('birthday.days_before')}
      />
      <Amount
        label={t('birthday.days')}
        hint={t('birthday.daysHint')}
        value={expiry.days_of.birthday}
        set={lasts}
        unit={t('days', { count: expiry.days_of.birthday ?? 5 })}
        error={wrong('expiry.days_of.birthday')}
      />
      <Amount
        label={t('birthday.after')}
        value={birthday.days_after}
        set={(days) => set({ days_after: days ?? 0 })}
        unit={t('days', { count: birthday.days_after })}
        error={wrong('birthday.days_after')}
      />
    </Form>
  );
}

function Refunds({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const { refunds } = programme;
  const kind = typeof refunds.debt === 'string' ? refunds.debt : 'owe';
  const choose = (kind: string | null) =>
    kind &&
    change({ refunds: { ...refunds, debt: kind === 'owe' ? { owe: 500 } : (kind as 'refuse' | 'forgive') } });
  return (
    <Form title={t('section.refunds')} onFocus={() => focus('notices.refund')}>
      <Select
        label={t('refunds.debt')}
        value={kind}
        onChange={choose}
        data={['forgive', 'refuse', 'owe'].map((value) => ({ value, label: t(`refunds.${value}`) }))}
        allowDeselect={false}
      />
      {typeof refunds.debt !== 'string' && (
        <Amount
          label={t('refunds.oweMost')}
          value={refunds.debt.owe}
          set={(owe) => change({ refunds: { ...refunds, debt: { owe: owe ?? 0 } } })}
          unit={programme.units.ru[2]}
          error={wrong('refunds.debt')}
        />
      )}
    </Form>
  );
}
