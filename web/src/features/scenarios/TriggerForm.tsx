import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useWords } from '../../i18n';
import { FactSelect } from './ConditionField';
import { StepSelect, type Tools } from './Inspector';
import { capital, list, type Trigger, text } from './model';
import { SpanField } from './SpanField';

const KINDS = ['start', 'link', 'phrase', 'button', 'silence', 'event', 'date'];
const FRESH: Record<string, Record<string, unknown>> = {
  link: { payload: '' },
  phrase: { phrases: [] },
  button: { label: '' },
  silence: { after: '1d' },
  event: { event: 'contact.tag_added' },
  date: { field: 'contact.birthday' },
};

/** What starts the scenario. */
export function TriggerForm({ index, trigger, tools }: { index: number; trigger: Trigger; tools: Tools }) {
  const t = useWords('scenarios');
  const { draft, change, catalogue, facts, lang } = tools;
  const give = (next: Trigger, tag = '') =>
    change(
      (now) => ({
        ...now,
        triggers: (now.triggers ?? []).map((one, at) => (at === index ? next : one)),
      }),
      tag && `trigger${index}:${tag}`,
    );
  const set = (fields: Record<string, unknown>, tag = '') => {
    const next = { ...trigger, ...fields } as Trigger;
    for (const [field, value] of Object.entries(fields)) {
      if (value === undefined || value === false) delete next[field];
    }
    give(next, tag);
  };
  const field = (name: string, label: string) => (
    <TextInput
      label={label}
      value={text(trigger[name])}
      onChange={(event) => set({ [name]: event.currentTarget.value }, name)}
    />
  );
  const spec = catalogue.events.find((one) => one.name === trigger.event);
  const values = (trigger.values as Record<string, unknown>) ?? {};
  return (
    <>
      <Select
        label={t('inspector.on')}
        allowDeselect={false}
        value={trigger.on}
        data={KINDS.map((kind) => ({ value: kind, label: t(`on.${kind}`) }))}
        onChange={(on) => on && give({ on, goto: trigger.goto, ...FRESH[on] })}
      />
      {trigger.on === 'link' && (
        <>
          <Select
            label={t('inspector.payload')}
            allowDeselect={false}
            value={trigger.prefix === undefined ? 'payload' : 'prefix'}
            data={[
              { value: 'payload', label: t('inspector.exact') },
              { value: 'prefix', label: t('inspector.starts') },
            ]}
            onChange={(how) =>
              set({
                payload: undefined,
                prefix: undefined,
                [how ?? 'payload']: text(trigger.payload ?? trigger.prefix),
              })
            }
          />
          {trigger.prefix === undefined
            ? field('payload', t('inspector.payload'))
            : field('prefix', t('inspector.prefix'))}
          {field('source', t('inspector.source'))}
        </>
      )}
      {trigger.on === 'phrase' && (
        <Textarea
          label={t('inspector.phrases')}
          description={t('inspector.phrasesHint')}
          autosize
          minRows={3}
          value={list<string>(trigger.phrases).join('\n')}
          onChange={(event) => set({ phrases: event.currentTarget.value.split('\n') }, 'phrases')}
          onBlur={() => set({ phrases: list<string>(trigger.phrases).filter((one) => one.trim() !== '') })}
        />
      )}
      {trigger.on === 'button' && field('label', t('inspector.label'))}
      {trigger.on === 'silence' && (
        <SpanField
          label={t('inspector.after')}
          value={text(trigger.after)}
          change={(after) => set({ after }, 'after')}
        />
      )}
      {trigger.on === 'event' && (
        <>
          <Select
            label={t('inspector.event')}
            searchable
            allowDeselect={false}
            value={text(trigger.event)}
            data={catalogue.events.map((one) => ({ value: one.name, label: capital(one.title[lang]) }))}
            onChange={(event) => set({ event, values: undefined })}
          />
          {spec?.values?.map((value) => (
            <TextInput
              key={value.path}
              label={capital(value.title[lang])}
              value={String(values[value.path] ?? '')}
              onChange={(event) => {
                const { [value.path]: _, ...rest } = values;
                const typed = event.currentTarget.value;
                const next = typed ? { ...rest, [value.path]: typed } : rest;
                set({ values: Object.keys(next).length > 0 ? next : undefined }, value.path);
              }}
            />
          ))}
        </>
      )}
      {trigger.on === 'date' && (
        <>
          <FactSelect
            label={t('inspector.field')}
            value={text(trigger.field)}
            change={(path) => set({ field: path })}
            facts={facts}
            lang={lang}
            only={(fact) => fact.kind === 'date' && fact.path.startsWith('contact.')}
          />
          <NumberInput
            label={t('inspector.days')}
            min={-180}
            max={180}
            value={Number(trigger.days_before ?? 0)}
            onChange={(days) => set({ days_before: Number(days) || undefined })}
          />
          {field('at', t('inspector.at'))}
        </>
      )}
      <StepSelect
        label={t('inspector.first')}
        draft={draft}
        value={trigger.goto}
        change={(goto) => goto && set({ goto })}
      />
      <Checkbox
        size="xs"
        label={t('inspector.interrupts')}
        checked={trigger.interrupts === true}
        onChange={(event) => set({ interrupts: event.currentTarget.checked })}
      />
    </>
  );
}
