import { ActionIcon, Button, Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useWords } from '../../i18n';
import { FactSelect } from './ConditionField';
import { conditionWords } from './draw';
import classes from './Inspector.module.css';
import { KindIcon } from './kinds';
import {
  type Case,
  type Catalogue,
  capital,
  type Draft,
  type Fact,
  leadsTo,
  list,
  portsOf,
  removeStep,
  type Step,
  setStep,
  setTitle,
  stepsOf,
  text,
  titleOf,
  wire,
  wiredPorts,
} from './model';
import { SpanField } from './SpanField';
import { Cases, Choices, SetForm, UrlButtons, WordForm } from './StepParts';
import { TemplateField } from './TemplateField';
import { TriggerForm } from './TriggerForm';

export type Tools = {
  draft: Draft;
  change: (make: (draft: Draft) => Draft, tag?: string) => void;
  catalogue: Catalogue;
  facts: Map<string, Fact>;
  lang: 'ru' | 'en';
  remarks: { path: string; text: string; severity: string }[];
};
const TEXT_MAX = 4096;

/** What is chosen on the canvas, as a form drawn from the catalogue. */
export function Inspector({
  chosen,
  tools,
  drop,
  below,
}: {
  chosen: string;
  tools: Tools;
  drop: () => void;
  below?: ReactNode;
}) {
  const t = useWords('scenarios');
  const { draft, change } = tools;
  const trigger = chosen.startsWith('trigger:') ? Number(chosen.slice(8)) : undefined;
  const step = trigger === undefined ? stepsOf(draft)[chosen] : undefined;
  const kind = trigger === undefined ? (step?.kind ?? 'say') : 'trigger';
  const remove = () => {
    change((now) =>
      trigger === undefined
        ? removeStep(now, chosen)
        : { ...now, triggers: (now.triggers ?? []).filter((_, index) => index !== trigger) },
    );
    drop();
  };
  const word = text(step?.action ?? step?.screen);
  const title = trigger === undefined ? titleOf(draft, chosen) : t('kind.trigger');
  return (
    <>
      <div className={classes.head}>
        <KindIcon kind={kind} word={word} large />
        <div className={classes.names}>
          {step ? (
            <input
              className={classes.title}
              aria-label={t('inspector.title')}
              value={draft.layout?.titles?.[chosen] ?? title}
              onChange={(event) => {
                const words = event.currentTarget.value;
                change((now) => setTitle(now, chosen, words), `title:${chosen}`);
              }}
            />
          ) : (
            <h2>{title}</h2>
          )}
          <p>{t(`kind.${kind}`)}</p>
        </div>
        <ActionIcon
          aria-label={t(trigger === undefined ? 'inspector.remove' : 'inspector.removeTrigger')}
          onClick={remove}
        >
          <IconTrash size={18} />
        </ActionIcon>
      </div>
      <div className={classes.body} tabIndex={0} role="group" aria-label={title}>
        {tools.remarks.map((one) => (
          <p
            key={`${one.path} ${one.text}`}
            className={classes.remark}
            data-bad={one.severity === 'error' || undefined}
          >
            {capital(one.text.slice(one.text.indexOf(': ') + 2))}
          </p>
        ))}
        {trigger !== undefined && draft.triggers?.[trigger] && (
          <TriggerForm index={trigger} trigger={draft.triggers[trigger]} tools={tools} />
        )}
        {step && <StepForm key={chosen} name={chosen} step={step} tools={tools} />}
      </div>
      {below}
    </>
  );
}

function StepForm({ name, step, tools }: { name: string; step: Step; tools: Tools }) {
  const t = useWords('scenarios');
  const { draft, change, facts, lang } = tools;
  const set = (fields: Record<string, unknown>, tag = '') =>
    change((now) => {
      const next = { ...stepsOf(now)[name]!, ...fields } as Step;
      for (const [field, value] of Object.entries(fields)) {
        if (value === undefined || value === '' || value === false) delete next[field];
      }
      if ('text' in fields && fields.text === '') next.text = '';
      return setStep(now, name, next);
    }, tag && `${name}:${tag}`);
  const template = (field: string, label: string, lines = 3, max?: number) => (
    <TemplateField
      key={field}
      label={label}
      value={text(step[field])}
      change={(value) => set({ [field]: value }, field)}
      facts={facts}
      lang={lang}
      lines={lines}
      max={max}
    />
  );
  const check = (field: string, label: string) => (
    <Checkbox
      label={label}
      checked={step[field] === true}
      onChange={(event) => set({ [field]: event.currentTarget.checked })}
      size="xs"
    />
  );
  const silence = step.silence as { after: string; goto: string } | undefined;
  const waits = ['ask', 'choose', 'show'].includes(step.kind);
  return (
    <>
      {['say', 'ask', 'choose'].includes(step.kind) && template('text', t('inspector.text'), 4, TEXT_MAX)}
      {['say', 'choose'].includes(step.kind) && (
        <TextInput
          label={t('inspector.photo')}
          placeholder={t('inspector.photoHint')}
          value={text((step.media as { key?: string } | undefined)?.key)}
          onChange={(event) => {
            const key = event.currentTarget.value;
            set({ media: key ? { ...(step.media as object), key } : undefined }, 'media');
          }}
        />
      )}
      {step.kind === 'say' && <UrlButtons step={step} set={set} />}
      {step.kind === 'ask' && (
        <AskForm step={step} set={set} template={template} check={check} tools={tools} />
      )}
      {step.kind === 'act' && <WordForm name={name} field="action" step={step} tools={tools} set={set} />}
      {step.kind === 'show' && <WordForm name={name} field="screen" step={step} tools={tools} set={set} />}
      {['choose', 'show'].includes(step.kind) && (
        <>
          <Choices name={name} step={step} tools={tools} />
          <NumberInput
            label={t('inspector.columns')}
            min={1}
            max={8}
            value={Number(step.columns ?? 1)}
            onChange={(value) => set({ columns: Number(value) > 1 ? Number(value) : undefined })}
          />
          {check('anytime', t('inspector.anytime'))}
        </>
      )}
      {step.kind === 'branch' && <Cases name={name} step={step} tools={tools} />}
      {step.kind === 'set' && <SetForm step={step} set={set} tools={tools} />}
      {step.kind === 'wait' && (
        <SpanField
          label={t('inspector.wait')}
          value={text(step.for)}
          until={text(step.until)}
          change={(length, until) => set({ for: length, until }, 'wait')}
        />
      )}
      {step.kind === 'hand_off' && (
        <>
          <TextInput
            label={t('inspector.reason')}
            value={text(step.reason)}
            onChange={(event) => set({ reason: event.currentTarget.value }, 'reason')}
          />
          {template('text', t('inspector.personText'))}
        </>
      )}
      {step.kind === 'goto' && (
        <>
          <StepSelect
            label={t('inspector.goto')}
            draft={draft}
            value={text(step.step)}
            change={(to) => set({ step: to ?? undefined, scenario: undefined })}
          />
          <TextInput
            label={t('inspector.gotoScenario')}
            value={text(step.scenario)}
            onChange={(event) => set({ scenario: event.currentTarget.value, step: undefined }, 'scenario')}
          />
        </>
      )}
      {waits && (
        <section className={classes.part}>
          <h3>{t('inspector.ifSilent')}</h3>
          {silence ? (
            <>
              <SpanField
                label={t('inspector.after')}
                value={silence.after}
                change={(after) => set({ silence: { ...silence, after } }, 'silence')}
              />
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                onClick={() => set({ silence: undefined })}
              >
                {t('del')}
              </Button>
            </>
          ) : (
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} />}
              onClick={() =>
                set({
                  silence: {
                    after: '2h',
                    goto: Object.keys(stepsOf(draft)).find((one) => one !== name) ?? name,
                  },
                })
              }
            >
              {t('inspector.addSilence')}
            </Button>
          )}
        </section>
      )}
      <Ports name={name} step={step} tools={tools} />
      {step.kind === 'say' && check('once', t('inspector.once'))}
    </>
  );
}

/** Where each way out of the step leads; the same as the lines of the canvas. */
function Ports({ name, step, tools }: { name: string; step: Step; tools: Tools }) {
  const t = useWords('scenarios');
  const { draft, catalogue, facts, lang } = tools;
  const known = new Set([...wiredPorts(draft, name), ...(step.kind === 'ask' ? ['failed'] : [])]);
  const ports = portsOf(step, catalogue, t, lang, known);
  if (ports.length === 0) return null;
  const cases = new Map(list<Case>(step.cases).map((one) => [one.port, one.when]));
  return (
    <section className={classes.part}>
      <h3>{t('inspector.leads')}</h3>
      {ports.map((port) => {
        const when = cases.get(port.key);
        const label = when ? conditionWords(when, facts, t, lang) : (port.label ?? t('port.next'));
        return (
          <StepSelect
            key={port.key}
            label={label}
            draft={draft}
            value={leadsTo(draft, name, port.key) ?? ''}
            change={(to) => tools.change((now) => wire(now, name, port.key, to))}
          />
        );
      })}
    </section>
  );
}

export type SetFields = (fields: Record<string, unknown>, tag?: string) => void;

/** A step of the draft by its title; nothing for «никуда». */
export function StepSelect({
  label,
  draft,
  value,
  change,
}: {
  label: string;
  draft: Draft;
  value: string;
  change: (to: string | null) => void;
}) {
  const t = useWords('scenarios');
  return (
    <Select
      label={label}
      placeholder={t('inspector.nowhere')}
      searchable
      clearable
      size="xs"
      value={value || null}
      data={Object.keys(stepsOf(draft)).map((name) => ({ value: name, label: titleOf(draft, name) }))}
      onChange={change}
    />
  );
}

function AskForm({
  step,
  set,
  template,
  check,
  tools,
}: {
  step: Step;
  set: SetFields;
  template: (field: string, label: string, lines?: number) => ReactNode;
  check: (field: string, label: string) => ReactNode;
  tools: Tools;
}) {
  const t = useWords('scenarios');
  const expects = text(step.expects) || 'text';
  const kinds = ['text', 'name', 'phone', 'email', 'number', 'money', 'date', 'photo', 'document'];
  const bound = (field: string, label: string) => (
    <TextInput
      label={label}
      value={String(step[field] ?? '')}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        const number = Number(typed);
        set({ [field]: typed !== '' && !Number.isNaN(number) ? number : typed }, field);
      }}
    />
  );
  const plainField = (field: string, label: string) => (
    <TextInput
      label={label}
      value={text(step[field])}
      onChange={(event) => set({ [field]: event.currentTarget.value }, field)}
    />
  );
  return (
    <>
      <Select
        label={t('inspector.expects')}
        allowDeselect={false}
        value={expects}
        data={kinds.map((kind) => ({ value: kind, label: capital(t(`expects.${kind}`)) }))}
        onChange={(kind) => set({ expects: kind })}
      />
      <div>
        <p className={classes.label}>{t('inspector.into')}</p>
        <FactSelect
          label={t('inspector.into')}
          value={text(step.into)}
          change={(into) => set({ into })}
          facts={tools.facts}
          lang={tools.lang}
          only={(fact) => fact.writable === true}
        />
        <TextInput
          mt={6}
          size="xs"
          aria-label={t('inspector.intoHint')}
          placeholder={t('inspector.intoHint')}
          value={text(step.into)}
          onChange={(event) => set({ into: event.currentTarget.value }, 'into')}
        />
      </div>
      {['number', 'money', 'date', 'text'].includes(expects) && (
        <div className={classes.pair}>
          {bound('min', t('inspector.min'))}
          {bound('max', t('inspector.max'))}
        </div>
      )}
      {template('again', t('inspector.again'), 2)}
      {expects === 'phone' && plainField('share_phone', t('inspector.sharePhone'))}
      {plainField('skip', t('inspector.skip'))}
      {template('suggest', t('inspector.suggest'), 1)}
      {expects === 'phone' && check('typed', t('expects.phone'))}
    </>
  );
}

/** The settings of the scenario as a whole. */
export function ScenarioForm({ tools }: { tools: Tools }) {
  const t = useWords('scenarios');
  const { draft, change } = tools;
  return (
    <div className={classes.body}>
      <Textarea
        label={t('inspector.name')}
        autosize
        value={draft.name ?? ''}
        onChange={(event) => {
          const name = event.currentTarget.value;
          change((now) => ({ ...now, name }), 'name');
        }}
      />
      <StepSelect
        label={t('inspector.help')}
        draft={draft}
        value={draft.help ?? ''}
        change={(help) => change((now) => ({ ...now, help: help ?? undefined }))}
      />
    </div>
  );
}
