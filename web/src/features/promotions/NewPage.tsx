import './words';
import { Button, NumberInput, Stepper, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useState } from 'react';
import { fetcher, Problem } from '../../api/client';
import { useMe } from '../../api/session';
import { language, useWords } from '../../i18n';
import { day, money } from '../../lib/format';
import { endAfter, instantOf, localOf } from '../../lib/zone';
import { Card } from '../../ui/Card';
import { FormTrouble } from '../../ui/FormTrouble';
import { Cell, Page } from '../../ui/Page';
import { keyOf } from './letters';
import classes from './Promotions.module.css';

type Typed = {
  name: string;
  first: string;
  last: string;
  prizes: string;
  inns: string[];
  minimum: number | null;
  limit: number;
  excise: boolean;
  phrase: string;
  rules: string | null;
};

const STEPS = ['what', 'receipts', 'entry'] as const;
/** Which step has the field that the program complains about. */
const STEP_OF: Record<string, number> = {
  name: 0,
  key: 0,
  starts_at: 0,
  ends_at: 0,
  'terms.prizes': 0,
  'terms.shops': 1,
  'terms.minimum': 1,
  'terms.limits': 1,
  'terms.entries': 2,
  'terms.rules': 2,
};

/** A promotion in three steps; everything else has a sensible default and stands in its settings. */
export default function NewPage() {
  const t = useWords('promotions');
  const { zone, company } = useMe();
  const go = useNavigate();
  const [step, setStep] = useState(0);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [typed, setTyped, forget] = useSessionStorage<Typed>({
    key: 'samovar.promotions.new',
    defaultValue: {
      name: '',
      first: localOf(dayjs().add(1, 'day').toDate(), zone).slice(0, 10),
      last: localOf(dayjs().add(30, 'day').toDate(), zone).slice(0, 10),
      prizes: '',
      inns: [],
      minimum: null,
      limit: 50,
      excise: true,
      phrase: '',
      rules: null,
    },
    getInitialValueInEffect: false,
  });
  const set = (part: Partial<Typed>) => setTyped((before) => ({ ...before, ...part }));
  const fields = problem instanceof Problem ? problem.fields : {};
  const wrong = (...names: string[]) => names.map((name) => fields[name]).find(Boolean);
  const starts_at = instantOf(`${typed.first}T00:00`, zone);
  const ends_at = endAfter(instantOf(`${typed.last}T23:59`, zone));
  const rules =
    typed.rules ??
    t('new.rulesText', {
      name: typed.name || t('new.nameExample'),
      company: company.name,
      first: day(starts_at, zone),
      last: day(instantOf(`${typed.last}T12:00`, zone), zone),
      minimum: typed.minimum ? money(typed.minimum * 100) : t('new.anySum'),
      limit: typed.limit,
      prizes: typed.prizes || t('new.prizesExample'),
    });
  /** Said in the language it was typed in. */
  const said = (text: string) => (language() === 'ru' ? { ru: text, en: '' } : { ru: '', en: text });
  const make = async () => {
    setSaving(true);
    setProblem(undefined);
    const terms = {
      prizes: said(typed.prizes.trim()),
      shops: typed.inns.map((inn) => ({ inn })),
      minimum: { sum: Math.round((typed.minimum ?? 0) * 100) },
      limits: { person: typed.limit },
      banned: { excise: typed.excise },
      entries: [{ source: 'main', title: t('new.mainEntry'), phrase: typed.phrase.trim() }],
      rules: { text: said(rules.trim()) },
    };
    const key = keyOf(typed.name);
    const asked = (key: string) =>
      fetcher.POST('/api/v1/promotions', {
        body: { key, name: typed.name.trim(), starts_at, ends_at, terms: terms as never },
      });
    try {
      const { data } = await asked(key).catch((refused: unknown) => {
        // Somebody has had a promotion of that name: the address gets a tail of its own.
        if (refused instanceof Problem && refused.code === 'key_taken')
          return asked(`${key.slice(0, 12)}-${dayjs().format('YYMMDDHHmm')}`);
        throw refused;
      });
      forget();
      void go({ to: '/promotions/$id', params: { id: data!.id } as never });
    } catch (refused) {
      setProblem(refused);
      if (refused instanceof Problem) {
        const at = Object.keys(refused.fields).map(
          (field) => Object.entries(STEP_OF).find(([name]) => field.startsWith(name))?.[1],
        );
        const first = at.find((one) => one !== undefined);
        if (first !== undefined) setStep(first);
      }
    } finally {
      setSaving(false);
    }
  };
  const last = step === STEPS.length - 1;
  return (
    <Page title={t('new.title')} crumb={{ to: '/promotions', label: t('title') }}>
      <Cell span={8}>
        <form
          className={classes.steps}
          onSubmit={(event) => {
            event.preventDefault();
            if (last) void make();
            else setStep(step + 1);
          }}
        >
          <Stepper active={step} onStepClick={setStep} size="sm" allowNextStepsSelect={false}>
            {STEPS.map((name) => (
              <Stepper.Step key={name} label={t(`new.steps.${name}`)} />
            ))}
          </Stepper>
          <FormTrouble problem={problem} />
          <Card title={t(`new.heads.${STEPS[step]!}`)} subtitle={t(`new.hints.${STEPS[step]!}`)}>
            <div className={classes.form}>
              {step === 0 && (
                <>
                  <TextInput
                    data-autofocus
                    required
                    label={t('new.name')}
                    placeholder={t('new.nameExample')}
                    value={typed.name}
                    onChange={(event) => set({ name: event.currentTarget.value })}
                    error={wrong('name', 'key')}
                    maxLength={120}
                  />
                  <div className={classes.pair}>
                    <TextInput
                      type="date"
                      required
                      label={t('new.first')}
                      value={typed.first}
                      onChange={(event) =>
                        event.currentTarget.value && set({ first: event.currentTarget.value })
                      }
                      error={wrong('starts_at')}
                    />
                    <TextInput
                      type="date"
                      required
                      label={t('new.last')}
                      description={t('new.lastHint', { zone })}
                      value={typed.last}
                      onChange={(event) =>
                        event.currentTarget.value && set({ last: event.currentTarget.value })
                      }
                      error={wrong('ends_at')}
                    />
                  </div>
                  <Textarea
                    label={t('new.prizes')}
                    placeholder={t('new.prizesExample')}
                    value={typed.prizes}
                    onChange={(event) => set({ prizes: event.currentTarget.value })}
                    autosize
                    minRows={2}
                    error={wrong('terms.prizes.ru', 'terms.prizes.en')}
                  />
                </>
              )}
              {step === 1 && (
                <>
                  <TagsInput
                    label={t('new.inns')}
                    description={t('new.innsHint')}
                    placeholder={typed.inns.length ? undefined : '7714617793'}
                    value={typed.inns}
                    onChange={(inns) => set({ inns })}
                    splitChars={[',', ';', ' ', '\n']}
                    acceptValueOnBlur
                    error={Object.entries(fields).find(([field]) => field.startsWith('terms.shops'))?.[1]}
                  />
                  <div className={classes.pair}>
                    <NumberInput
                      label={t('new.minimum')}
                      description={t('new.minimumHint')}
                      value={typed.minimum ?? ''}
                      onChange={(sum) => set({ minimum: sum === '' ? null : Number(sum) })}
                      suffix={'\u00a0₽'}
                      thousandSeparator={'\u00a0'}
                      decimalSeparator=","
                      decimalScale={2}
                      allowNegative={false}
                      error={wrong('terms.minimum.sum')}
                    />
                    <NumberInput
                      label={t('new.limit')}
                      description={t('new.limitHint')}
                      value={typed.limit}
                      onChange={(limit) => set({ limit: Number(limit) || 1 })}
                      min={1}
                      allowDecimal={false}
                      error={wrong('terms.limits.person')}
                    />
                  </div>
                  <Switch
                    label={t('new.excise')}
                    description={t('new.exciseHint')}
                    checked={typed.excise}
                    onChange={(event) => set({ excise: event.currentTarget.checked })}
                  />
                </>
              )}
              {step === 2 && (
                <>
                  <TextInput
                    label={t('new.phrase')}
                    description={t('new.phraseHint')}
                    placeholder={t('new.phraseExample')}
                    value={typed.phrase}
                    onChange={(event) => set({ phrase: event.currentTarget.value })}
                    error={wrong('terms.entries[0].phrase', 'terms.entries[0]')}
                  />
                  <Textarea
                    label={t('new.rules')}
                    description={t('new.rulesHint')}
                    value={rules}
                    onChange={(event) => set({ rules: event.currentTarget.value })}
                    autosize
                    minRows={10}
                    maxRows={24}
                    error={wrong('terms.rules', 'terms.rules.text.ru', 'terms.rules.text.en')}
                  />
                </>
              )}
            </div>
          </Card>
          <div className={classes.ends}>
            {step > 0 && (
              <Button variant="default" onClick={() => setStep(step - 1)}>
                {t('do.back', { ns: 'common' })}
              </Button>
            )}
            <Button type="submit" loading={saving} disabled={!typed.name.trim()}>
              {last ? t('new.make') : t('do.next', { ns: 'common' })}
            </Button>
          </div>
        </form>
      </Cell>
      <Cell span={4}>
        <Card title={t('new.whatNext')}>
          <ol className={classes.path}>
            {(['try', 'start', 'check', 'draw'] as const).map((name) => (
              <li key={name}>{t(`new.path.${name}`)}</li>
            ))}
          </ol>
        </Card>
      </Cell>
    </Page>
  );
}
