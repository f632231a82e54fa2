import { Select, TextInput } from '@mantine/core';
import { useWords } from '../../../i18n';
import { WordingField } from '../../../ui/WordingField';
import { Amount, type Part, Section } from './parts';
import classes from './Settings.module.css';

/** What participants agree to. */
export function RulesText({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { rules } = draft.terms;
  return (
    <Section title={t('rules.title')} subtitle={t('rules.hint')}>
      <WordingField
        label={t('rules.text')}
        hint={t('rules.textHint')}
        value={rules.text}
        onChange={(text) => set({ rules: { ...rules, text } })}
        errors={{ ru: wrong('rules.text.ru'), en: wrong('rules.text.en') }}
      />
      <TextInput
        label={t('rules.url')}
        placeholder="https://"
        value={rules.url ?? ''}
        onChange={(event) => set({ rules: { ...rules, url: event.currentTarget.value || null } })}
        error={wrong('rules.url')}
      />
    </Section>
  );
}

/** How receipts are checked, when a person looks, how long pictures are kept. */
export function Checks({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { checks, moderation, keep_pictures_days } = draft.terms;
  return (
    <Section title={t('checks.title')} subtitle={t('checks.hint')}>
      <Select
        label={t('checks.unchecked')}
        description={t('checks.uncheckedHint')}
        data={(['person', 'accept'] as const).map((value) => ({
          value,
          label: t(`checks.uncheckeds.${value}`),
        }))}
        value={moderation.unchecked}
        onChange={(unchecked) =>
          unchecked &&
          set({ moderation: { ...moderation, unchecked: unchecked as typeof moderation.unchecked } })
        }
        allowDeselect={false}
      />
      <div className={classes.pair}>
        <Amount
          label={t('checks.score')}
          hint={t('checks.scoreHint')}
          value={moderation.score}
          set={(score) => set({ moderation: { ...moderation, score: score ?? 0 } })}
          max={101}
          error={wrong('moderation.score')}
        />
        <Amount
          label={t('checks.budget')}
          hint={t('checks.budgetHint')}
          value={checks.budget}
          set={(budget) => set({ checks: { ...checks, budget: budget ?? null } })}
          error={wrong('checks.budget')}
        />
        <Amount
          label={t('checks.keep')}
          hint={t('checks.keepHint')}
          value={keep_pictures_days}
          set={(days) => set({ keep_pictures_days: days ?? 0 })}
          error={wrong('keep_pictures_days')}
        />
      </div>
    </Section>
  );
}
