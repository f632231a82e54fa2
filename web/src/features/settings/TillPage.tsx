import { NumberInput, Select, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { CodeTexts } from './CodeTexts';
import classes from './Settings.module.css';
import { useTabs } from './tabs';
import './words';

type Guard = components['schemas']['StoredGuardRules'];
type Codes = components['schemas']['StoredCodeRules'];
type Limits = components['schemas']['GuardLimits'];
type Alerts = components['schemas']['GuardAlerts'];
type Role = components['schemas']['RoleRights'];

const LIMITS = ['points_per_operation', 'points_per_day', 'operations_per_day', 'discount_percent'] as const;
const NUMBERS = [
  ['digits', 4, 6],
  ['minutes', 1, 60],
  ['tries', 1, 10],
  ['per_hour', 1, 60],
] as const;

/** What the people at the till may move, what looks odd, and what a guest confirms by a code. */
export default function TillPage() {
  const t = useWords('settings');
  const tabs = useTabs();
  const guard = api.useQuery('get', '/api/v1/guard/rules');
  const codes = api.useQuery('get', '/api/v1/codes/rules');
  const roles = api.useQuery('get', '/api/v1/roles', { params: { query: { locale: language() } } });
  const failed = guard.error ?? codes.error ?? roles.error;
  const again = () => void Promise.all([guard.refetch(), codes.refetch(), roles.refetch()]);
  return (
    <Page title={t('title')} tabs={tabs} tab="/settings/till">
      {failed ? (
        <ErrorNote problem={failed} retry={again} />
      ) : guard.data && codes.data && roles.data ? (
        <Form
          key={`${guard.data.revision}-${codes.data.revision}`}
          guard={guard.data}
          codes={codes.data}
          roles={roles.data}
        />
      ) : (
        <RowsSkeleton rows={6} height={64} />
      )}
    </Page>
  );
}

/** A number, or no limit when the field is empty. */
function Amount(props: {
  label: string;
  hint?: string;
  value?: number | null;
  unit?: string;
  min?: number;
  max?: number;
  none?: string;
  off: boolean;
  error?: string;
  set: (value: number | undefined) => void;
}) {
  const { label, hint, value, unit, min = 0, max, none, off, error, set } = props;
  return (
    <NumberInput
      label={label}
      description={hint}
      placeholder={none}
      value={value ?? ''}
      min={min}
      max={max}
      suffix={unit ? `\u00a0${unit}` : undefined}
      thousandSeparator={'\u00a0'}
      allowNegative={false}
      allowDecimal={false}
      disabled={off}
      error={error}
      onChange={(typed) => set(typed === '' ? undefined : Number(typed))}
    />
  );
}

function Form({ guard, codes, roles }: { guard: Guard; codes: Codes; roles: Role[] }) {
  const t = useWords('settings');
  const client = useQueryClient();
  const off = !useMay('settings_manage');
  const kept = {
    limits: guard.rules.limits ?? {},
    alerts: guard.rules.alerts ?? {},
    codes: codes.rules,
  };
  const [now, setNow] = useState(kept);
  const [role, setRole] = useState(Object.keys(kept.limits)[0] ?? 'cashier');
  const differs = (part: keyof typeof kept) => JSON.stringify(now[part]) !== JSON.stringify(kept[part]);
  const [guardChanged, codesChanged] = [differs('limits') || differs('alerts'), differs('codes')];
  const putGuard = api.useMutation('put', '/api/v1/guard/rules');
  const putCodes = api.useMutation('put', '/api/v1/codes/rules');
  const error = putGuard.error ?? putCodes.error;
  const wrong = error instanceof Problem ? error.fields : {};
  const saving = putGuard.isPending || putCodes.isPending;
  const save = async () => {
    // What is never to be told of is said so: what is absent would get its default.
    const { same_customer_per_day = null, round_from = null, open_hours = null, ...rest } = now.alerts;
    const alerts = { ...rest, same_customer_per_day, round_from, open_hours };
    if (guardChanged) {
      const rules = { limits: now.limits, alerts };
      await putGuard.mutateAsync({ body: { revision: guard.revision, rules } });
    }
    if (codesChanged) await putCodes.mutateAsync({ body: { revision: codes.revision, rules: now.codes } });
    await client.invalidateQueries();
  };
  const limits: Limits = now.limits[role] ?? {};
  const limit = (part: Partial<Limits>) => {
    const next = Object.fromEntries(
      Object.entries({ ...limits, ...part }).filter(([, value]) => value !== undefined),
    );
    const others = Object.fromEntries(Object.entries(now.limits).filter(([one]) => one !== role));
    setNow({ ...now, limits: Object.keys(next).length > 0 ? { ...others, [role]: next } : others });
  };
  const alert = (part: Partial<Alerts>) => setNow({ ...now, alerts: { ...now.alerts, ...part } });
  const code = (part: Partial<Codes['rules']>) => setNow({ ...now, codes: { ...now.codes, ...part } });
  const required = now.codes.required ?? {};
  const hours = now.alerts.open_hours ?? undefined;
  return (
    <>
      {error && Object.keys(wrong).length === 0 && <ErrorNote problem={error} />}
      <Cell span={6}>
        <Card title={t('till.limits')} subtitle={t('till.limitsHint')}>
          <div className={classes.pairs}>
            <Select
              className={classes.wide}
              label={t('till.role')}
              value={role}
              allowDeselect={false}
              data={roles.map((one) => ({ value: one.role, label: capital(one.title) }))}
              onChange={(value) => value && setRole(value)}
            />
            {LIMITS.map((key) => (
              <Amount
                key={`${role}.${key}`}
                label={t(`till.limit.${key}`)}
                none={t('till.unlimited')}
                unit={key === 'discount_percent' ? '%' : undefined}
                max={key === 'discount_percent' ? 100 : undefined}
                value={limits[key]}
                off={off}
                error={wrong[`limits.${role}.${key}`]}
                set={(value) => limit({ [key]: value })}
              />
            ))}
          </div>
        </Card>
      </Cell>
      <Cell span={6}>
        <Card title={t('till.codes')} subtitle={t('till.codesHint')}>
          <div className={classes.pairs}>
            <Threshold
              label={t('till.codeDeduct')}
              hint={t('till.codeFrom')}
              value={required.deduct}
              first={0}
              off={off}
              error={wrong['required.deduct']}
              set={(deduct) => code({ required: { ...required, deduct } })}
            />
            <Threshold
              label={t('till.codePurchase')}
              hint={t('till.codeFrom')}
              value={required.purchase}
              first={0}
              off={off}
              error={wrong['required.purchase']}
              set={(purchase) => code({ required: { ...required, purchase } })}
            />
            {NUMBERS.map(([key, min, max]) => (
              <Amount
                key={key}
                label={t(`till.code.${key}`)}
                value={now.codes[key]}
                min={min}
                max={max}
                off={off}
                error={wrong[key]}
                set={(value) => code({ [key]: value ?? min })}
              />
            ))}
          </div>
        </Card>
      </Cell>
      <Cell span={12}>
        <CodeTexts texts={now.codes.texts ?? {}} off={off} wrong={wrong} set={(texts) => code({ texts })} />
      </Cell>
      <Cell span={12}>
        <Card title={t('till.alerts')} subtitle={t('till.alertsHint')}>
          <div className={classes.alerts}>
            <Threshold
              label={t('till.same')}
              hint={t('till.sameHint')}
              value={now.alerts.same_customer_per_day}
              first={3}
              off={off}
              error={wrong['alerts.same_customer_per_day']}
              set={(same) => alert({ same_customer_per_day: same ?? undefined })}
            />
            <Threshold
              label={t('till.round')}
              hint={t('till.roundHint')}
              value={now.alerts.round_from}
              first={1000}
              off={off}
              error={wrong['alerts.round_from']}
              set={(from) => alert({ round_from: from ?? undefined })}
            >
              <Amount
                label={t('till.roundTo')}
                value={now.alerts.round_to}
                min={1}
                off={off}
                error={wrong['alerts.round_to']}
                set={(to) => alert({ round_to: to ?? 1 })}
              />
            </Threshold>
            <div className={classes.alert}>
              <Switch
                label={t('till.own')}
                description={t('till.ownHint')}
                checked={now.alerts.own_card ?? false}
                disabled={off}
                onChange={(event) => alert({ own_card: event.currentTarget.checked })}
              />
            </div>
            <div className={classes.alert}>
              <Switch
                label={t('till.hours')}
                description={t('till.hoursHint')}
                checked={hours !== undefined}
                disabled={off}
                onChange={(event) => alert({ open_hours: event.currentTarget.checked ? [9, 22] : undefined })}
              />
              {hours && (
                <div className={classes.hours}>
                  {hours.map((hour, at) => (
                    <NumberInput
                      key={at === 0 ? 'from' : 'to'}
                      label={t(at === 0 ? 'till.from' : 'till.to')}
                      value={hour}
                      min={0}
                      max={at === 0 ? 23 : 24}
                      suffix=":00"
                      disabled={off}
                      error={at === 0 ? wrong['alerts.open_hours'] : undefined}
                      onChange={(typed) => alert({ open_hours: hours.with(at, Number(typed) || 0) })}
                    />
                  ))}
                </div>
              )}
            </div>
          </div>
        </Card>
      </Cell>
      <SaveBar
        changed={guardChanged || codesChanged}
        saving={saving}
        save={() => void save().catch(() => undefined)}
        discard={() => setNow(kept)}
      />
    </>
  );
}

/** Something that is told of from a number on, or never. */
function Threshold(props: {
  label: string;
  hint: string;
  value?: number | null;
  /** What it begins with when it is switched on. */
  first: number;
  off: boolean;
  error?: string;
  set: (value: number | null) => void;
  children?: ReactNode;
}) {
  const { label, hint, value, first, off, error, set, children } = props;
  const t = useWords('settings');
  const on = value !== undefined && value !== null;
  return (
    <div className={classes.alert}>
      <Switch
        label={label}
        description={hint}
        checked={on}
        disabled={off}
        onChange={(event) => set(event.currentTarget.checked ? first : null)}
      />
      {on && (
        <div className={classes.hours}>
          <Amount
            label={t('till.fromNumber')}
            value={value}
            off={off}
            error={error}
            set={(typed) => set(typed ?? 0)}
          />
          {children}
        </div>
      )}
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
