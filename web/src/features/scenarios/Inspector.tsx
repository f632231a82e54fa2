import {
  ActionIcon,
  Button,
  Checkbox,
  NumberInput,
  Select,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useWords } from '../../i18n';
import { ConditionField, FactSelect } from './ConditionField';
import { conditionWords } from './draw';
import classes from './Inspector.module.css';
import { KindIcon } from './kinds';
import {
  type Case,
  type Catalogue,
  type Choice,
  capital,
  type Draft,
  type Fact,
  freshKey,
  leadsTo,
  list,
  type Param,
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

type Set = (fields: Record<string, unknown>, tag?: string) => void;

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
  set: Set;
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

function UrlButtons({ step, set }: { step: Step; set: Set }) {
  const t = useWords('scenarios');
  const all = list<{ label: string; url: string }>(step.buttons);
  const give = (next: typeof all, tag = '') => set({ buttons: next.length > 0 ? next : undefined }, tag);
  const edit = (at: number, fields: Partial<(typeof all)[number]>) =>
    give(
      all.map((one, index) => (index === at ? { ...one, ...fields } : one)),
      `url${at}`,
    );
  return (
    <section className={classes.part}>
      <h3>{t('inspector.urls')}</h3>
      {all.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: links have no name of their own
        <div key={at} className={classes.row}>
          <div className={classes.pair}>
            <TextInput
              aria-label={t('inspector.label')}
              placeholder={t('inspector.label')}
              size="xs"
              value={one.label}
              onChange={(event) => edit(at, { label: event.currentTarget.value })}
            />
            <TextInput
              aria-label={t('inspector.url')}
              placeholder="https://"
              size="xs"
              value={one.url}
              onChange={(event) => edit(at, { url: event.currentTarget.value })}
            />
          </div>
          <ActionIcon
            aria-label={t('del')}
            size="sm"
            onClick={() => give(all.filter((_, index) => index !== at))}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => give([...all, { label: '', url: 'https://' }])}
      >
        {t('inspector.addUrl')}
      </Button>
    </section>
  );
}

function Choices({ name, step, tools }: { name: string; step: Step; tools: Tools }) {
  const t = useWords('scenarios');
  const { draft, change } = tools;
  const all = list<Choice>(step.choices);
  const give = (next: Choice[], tag = '') =>
    change((now) => setStep(now, name, { ...stepsOf(now)[name]!, choices: next }), tag);
  const move = (at: number, by: number) => {
    const next = [...all];
    const [one] = next.splice(at, 1);
    next.splice(at + by, 0, one!);
    give(next);
  };
  return (
    <section className={classes.part}>
      <h3>{t('inspector.buttons')}</h3>
      {all.map((one, at) => {
        const to = leadsTo(draft, name, one.key);
        return (
          <div
            key={one.key}
            className={classes.row}
            draggable
            onDragStart={(event) => event.dataTransfer.setData('text/choice', String(at))}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              const from = Number(event.dataTransfer.getData('text/choice'));
              if (!Number.isNaN(from) && from !== at) move(from, at - from);
            }}
          >
            <div className={classes.button}>
              <span className={classes.grip} aria-hidden>
                <IconGripVertical size={15} />
              </span>
              <input
                aria-label={t('inspector.label')}
                value={one.label ?? ''}
                onChange={(event) => {
                  const label = event.currentTarget.value;
                  give(
                    all.map((other, index) => (index === at ? { ...other, label } : other)),
                    `${name}:choice${at}`,
                  );
                }}
              />
              {to && <span className={classes.to}>→ {titleOf(draft, to)}</span>}
            </div>
            <div className={classes.tools}>
              <ActionIcon
                size="sm"
                aria-label={t('inspector.up')}
                disabled={at === 0}
                onClick={() => move(at, -1)}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                size="sm"
                aria-label={t('inspector.down')}
                disabled={at === all.length - 1}
                onClick={() => move(at, 1)}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
              <ActionIcon
                size="sm"
                aria-label={t('del')}
                onClick={() =>
                  change((now) =>
                    wire(
                      setStep(now, name, { ...step, choices: all.filter((_, index) => index !== at) }),
                      name,
                      one.key,
                      null,
                    ),
                  )
                }
              >
                <IconTrash size={14} />
              </ActionIcon>
            </div>
          </div>
        );
      })}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          give([
            ...all,
            {
              key: freshKey(
                all.map((one) => one.key),
                'choice',
              ),
              label: '',
            },
          ])
        }
      >
        {t('inspector.addButton')}
      </Button>
    </section>
  );
}

function Cases({ name, step, tools }: { name: string; step: Step; tools: Tools }) {
  const t = useWords('scenarios');
  const { change, facts, lang } = tools;
  const all = list<Case>(step.cases);
  const give = (next: Case[], tag = '') =>
    change((now) => setStep(now, name, { ...stepsOf(now)[name]!, cases: next }), tag);
  return (
    <section className={classes.part}>
      <h3>{t('inspector.cases')}</h3>
      {all.map((one, at) => (
        <div key={one.port} className={classes.case}>
          <ConditionField
            value={one.when}
            change={(when) =>
              give(
                all.map((other, index) => (index === at ? { ...other, when } : other)),
                `${name}:case${at}`,
              )
            }
            facts={facts}
            lang={lang}
          />
          <ActionIcon
            size="sm"
            aria-label={t('del')}
            onClick={() =>
              change((now) =>
                wire(
                  setStep(now, name, { ...step, cases: all.filter((_, index) => index !== at) }),
                  name,
                  one.port,
                  null,
                ),
              )
            }
          >
            <IconTrash size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          give([
            ...all,
            {
              when: { field: 'loyalty.balance', op: 'ge', value: 100 },
              port: freshKey(
                all.map((one) => one.port),
                'case',
              ),
            },
          ])
        }
      >
        {t('inspector.addCase')}
      </Button>
    </section>
  );
}

function SetForm({ step, set, tools }: { step: Step; set: Set; tools: Tools }) {
  const t = useWords('scenarios');
  const values = Object.entries((step.values as Record<string, unknown>) ?? {});
  const give = (next: [string, unknown][], tag = '') =>
    set({ values: next.length > 0 ? Object.fromEntries(next) : undefined }, tag);
  const tags = (field: string, label: string) => (
    <TagsInput
      label={label}
      value={list<string>(step[field])}
      onChange={(next) => set({ [field]: next.length > 0 ? next : undefined })}
    />
  );
  return (
    <>
      {tags('add_tags', t('inspector.addTags'))}
      {tags('remove_tags', t('inspector.removeTags'))}
      <section className={classes.part}>
        <h3>{t('inspector.values')}</h3>
        {values.map(([path, value], at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the path itself is being changed
          <div key={at} className={classes.row}>
            <div className={classes.pair}>
              <TextInput
                aria-label={t('condition.field')}
                size="xs"
                value={path}
                onChange={(event) => {
                  const next = event.currentTarget.value;
                  give(
                    values.map((one, index) => (index === at ? [next, one[1]] : one)),
                    `value${at}`,
                  );
                }}
              />
              <TextInput
                aria-label={t('inspector.value')}
                size="xs"
                value={String(value ?? '')}
                onChange={(event) => {
                  const next = event.currentTarget.value;
                  give(
                    values.map((one, index) => (index === at ? [one[0], next] : one)),
                    `value${at}`,
                  );
                }}
              />
            </div>
            <ActionIcon
              size="sm"
              aria-label={t('del')}
              onClick={() => give(values.filter((_, index) => index !== at))}
            >
              <IconTrash size={14} />
            </ActionIcon>
          </div>
        ))}
        <FactSelect
          label={t('inspector.addValue')}
          value=""
          change={(path) => give([...values, [path, '']])}
          facts={tools.facts}
          lang={tools.lang}
          only={(fact) => fact.writable === true}
        />
      </section>
    </>
  );
}

function WordForm({
  name,
  field,
  step,
  tools,
  set,
}: {
  name: string;
  field: 'action' | 'screen';
  step: Step;
  tools: Tools;
  set: Set;
}) {
  const t = useWords('scenarios');
  const { catalogue, facts, lang } = tools;
  const all = field === 'action' ? catalogue.actions : catalogue.screens;
  const word = text(step[field]);
  const spec = all.find((one) => one.name === word);
  const params = (step.params as Record<string, unknown>) ?? {};
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const one of all) {
    const noun = one.name.split('.')[0]!;
    groups.set(noun, [...(groups.get(noun) ?? []), { value: one.name, label: capital(one.title[lang]) }]);
  }
  const give = (param: Param, value: unknown) => {
    const next = { ...params, [param.name]: value };
    if (value === '' || value === undefined) delete next[param.name];
    set({ params: Object.keys(next).length > 0 ? next : undefined }, `param:${param.name}`);
  };
  return (
    <>
      <Select
        label={t(field === 'action' ? 'inspector.action' : 'inspector.screen')}
        searchable
        allowDeselect={false}
        value={word || null}
        data={[...groups].map(([noun, items]) => ({
          group: t(`group.${noun}`, { defaultValue: noun }),
          items,
        }))}
        onChange={(next) => next && set({ [field]: next, params: undefined })}
      />
      {spec?.params?.map((param) =>
        param.kind === 'number' || param.kind === 'points' ? (
          <NumberInput
            key={`${name}.${param.name}`}
            label={capital(param.title[lang])}
            withAsterisk={param.required}
            value={typeof params[param.name] === 'number' ? (params[param.name] as number) : ''}
            onChange={(value) => give(param, typeof value === 'number' ? value : undefined)}
          />
        ) : (
          <TemplateField
            key={`${name}.${param.name}`}
            label={capital(param.title[lang]) + (param.required ? ' *' : '')}
            value={String(params[param.name] ?? '')}
            change={(value) => give(param, value)}
            facts={facts}
            lang={lang}
            lines={1}
          />
        ),
      )}
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
