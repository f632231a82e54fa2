import { ActionIcon, Button, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical, IconPlus, IconTrash } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import { ConditionField, FactSelect } from './ConditionField';
import type { SetFields, Tools } from './Inspector';
import classes from './Inspector.module.css';
import {
  type Case,
  type Choice,
  capital,
  freshKey,
  leadsTo,
  list,
  type Param,
  type Step,
  setStep,
  stepsOf,
  text,
  titleOf,
  wire,
} from './model';
import { TemplateField } from './TemplateField';

export function UrlButtons({ step, set }: { step: Step; set: SetFields }) {
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

export function Choices({ name, step, tools }: { name: string; step: Step; tools: Tools }) {
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

export function Cases({ name, step, tools }: { name: string; step: Step; tools: Tools }) {
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

export function SetForm({ step, set, tools }: { step: Step; set: SetFields; tools: Tools }) {
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

export function WordForm({
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
  set: SetFields;
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
