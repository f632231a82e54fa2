import {
  ActionIcon,
  Autocomplete,
  Button,
  NumberInput,
  SegmentedControl,
  Select,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import { ErrorNote, RowsSkeleton } from '../States';
import classes from './ConditionBuilder.module.css';
import { countsDays, type Field, useFields, wordsOf } from './fields';
import { emptyGroup, emptySentence, type Group, isGroup, needsNoValue, type Sentence } from './tree';
import './words';

/** Lists drop down inside: the builder may stand in a popover, which a press outside of it closes. */
const INSIDE = { withinPortal: false };

/** Groups deeper than this are shown, but not made here. */
const DEPTH = 3;

/** Whom is meant, in sentences: «метки содержат vip и можно потратить не меньше 100 баллов». */
export function ConditionBuilder({ value, onChange }: { value: Group; onChange: (group: Group) => void }) {
  const known = useFields();
  if (known.problem) return <ErrorNote problem={known.problem} retry={known.retry} />;
  if (known.loading) return <RowsSkeleton rows={2} />;
  return <GroupOf group={value} change={onChange} fields={known.fields} depth={1} />;
}

type GroupProps = {
  group: Group;
  change: (group: Group) => void;
  remove?: () => void;
  fields: Field[];
  depth: number;
};

function GroupOf({ group, change, remove, fields, depth }: GroupProps) {
  const t = useWords('condition');
  const put = (at: number, part: Sentence | Group) =>
    change({ ...group, parts: group.parts.map((one, index) => (index === at ? part : one)) });
  const drop = (at: number) => change({ ...group, parts: group.parts.filter((_, index) => index !== at) });
  const add = (part: Sentence | Group) => change({ ...group, parts: [...group.parts, part] });
  return (
    <div className={classes.group} data-inner={depth > 1 || undefined}>
      {(group.parts.length > 1 || group.mode !== 'all' || depth > 1) && (
        <div className={classes.mode}>
          <Select
            comboboxProps={INSIDE}
            size="xs"
            aria-label={t('mode.all')}
            value={group.mode}
            allowDeselect={false}
            data={(['all', 'any', 'none'] as const).map((mode) => ({
              value: mode,
              label: t(`mode.${mode}`),
            }))}
            onChange={(mode) => change({ ...group, mode: (mode ?? 'all') as Group['mode'] })}
            w={270}
          />
          {remove && (
            <ActionIcon aria-label={t('removeGroup')} onClick={remove}>
              <IconX size={16} />
            </ActionIcon>
          )}
        </div>
      )}
      {group.parts.map((part, at) =>
        isGroup(part) ? (
          <GroupOf
            key={part.id}
            group={part}
            change={(inner) => put(at, inner)}
            remove={() => drop(at)}
            fields={fields}
            depth={depth + 1}
          />
        ) : (
          <SentenceOf
            key={part.id}
            sentence={part}
            change={(sentence) => put(at, sentence)}
            remove={() => drop(at)}
            fields={fields}
          />
        ),
      )}
      <div className={classes.add}>
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={15} />}
          onClick={() => add(emptySentence())}
        >
          {t('addSentence')}
        </Button>
        {depth < DEPTH && group.parts.length > 0 && (
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => add({ ...emptyGroup('any'), parts: [emptySentence()] })}
          >
            {t('addGroup')}
          </Button>
        )}
      </div>
    </div>
  );
}

type SentenceProps = {
  sentence: Sentence;
  change: (sentence: Sentence) => void;
  remove: () => void;
  fields: Field[];
};

function SentenceOf({ sentence, change, remove, fields }: SentenceProps) {
  const t = useWords('condition');
  const field = fields.find((one) => one.field === sentence.field);
  const grouped = (['contact', 'loyalty', 'own'] as const)
    .map((group) => ({
      group: group === 'own' ? t('own') : t(`groups.${group}`),
      items: fields
        .filter((one) => one.group === group)
        .map((one) => ({ value: one.field, label: capital(one.label) })),
    }))
    .filter((group) => group.items.length > 0);
  const choose = (name: string | null) => {
    const next = fields.find((one) => one.field === name);
    if (next) {
      const value = next.kind === 'flag' ? true : undefined;
      change({ ...sentence, field: next.field, op: firstOf(next), value });
    }
  };
  return (
    <div className={classes.sentence}>
      <Select
        size="sm"
        aria-label={t('field')}
        placeholder={t('chooseField')}
        searchable
        data={grouped}
        value={sentence.field || null}
        onChange={choose}
        allowDeselect={false}
        comboboxProps={{ ...INSIDE, width: 300, position: 'bottom-start' }}
        className={classes.field}
      />
      {field && field.operators.length > 1 && (
        <Select
          comboboxProps={INSIDE}
          size="sm"
          aria-label={t('operator')}
          data={field.operators.map((op) => ({ value: op, label: t(`op.${wordsOf(field.kind)}.${op}`) }))}
          value={sentence.op}
          onChange={(op) => op && change(withOperator(sentence, op))}
          allowDeselect={false}
          className={classes.operator}
        />
      )}
      {field && !needsNoValue(sentence.op) && (
        <Value field={field} sentence={sentence} change={(value) => change({ ...sentence, value })} />
      )}
      <ActionIcon aria-label={t('remove')} onClick={remove} className={classes.remove}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}

type ValueProps = { field: Field; sentence: Sentence; change: (value: unknown) => void };

function Value({ field, sentence, change }: ValueProps) {
  const t = useWords('condition');
  const { op, value } = sentence;
  const label = t('value');
  if (op === 'in') {
    const list = Array.isArray(value) ? value.map(String) : [];
    const numbers = field.kind === 'points' || field.kind === 'number';
    return (
      <TagsInput
        comboboxProps={INSIDE}
        size="sm"
        aria-label={label}
        className={classes.value}
        data={field.choices?.map((one) => one.value) ?? []}
        value={list}
        onChange={(texts) => change(numbers ? texts.map(Number).filter((one) => !Number.isNaN(one)) : texts)}
      />
    );
  }
  if (countsDays(op)) {
    const days = typeof value === 'number' ? value : '';
    return (
      <NumberInput
        size="sm"
        aria-label={label}
        className={classes.number}
        value={days}
        min={0}
        max={36_500}
        allowDecimal={false}
        allowNegative={false}
        suffix={` ${t('days', { count: typeof days === 'number' ? days : 0 })}`}
        onChange={(next) => change(typeof next === 'number' ? next : undefined)}
      />
    );
  }
  if (field.kind === 'flag') {
    return (
      <SegmentedControl
        size="sm"
        aria-label={label}
        data={[
          { value: 'true', label: t('yes') },
          { value: 'false', label: t('no') },
        ]}
        value={String(value !== false)}
        onChange={(next) => change(next === 'true')}
      />
    );
  }
  if (field.kind === 'points' || field.kind === 'number') {
    return (
      <NumberInput
        size="sm"
        aria-label={label}
        className={classes.number}
        value={typeof value === 'number' ? value : ''}
        thousandSeparator=" "
        allowDecimal={field.kind === 'number'}
        suffix={field.kind === 'points' ? ` ${t('points')}` : undefined}
        onChange={(next) => change(typeof next === 'number' ? next : undefined)}
      />
    );
  }
  if (field.kind === 'date' || field.kind === 'moment') {
    return (
      <TextInput
        size="sm"
        type="date"
        aria-label={label}
        className={classes.number}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => change(event.currentTarget.value || undefined)}
      />
    );
  }
  return (
    <Autocomplete
      comboboxProps={INSIDE}
      size="sm"
      aria-label={label}
      className={classes.value}
      data={field.choices?.map((one) => one.value) ?? []}
      value={typeof value === 'string' ? value : ''}
      onChange={(next) => change(next)}
    />
  );
}

/** The operator people mean most often. */
function firstOf(field: Field): string {
  const wished: Partial<Record<Field['kind'], string>> = {
    text: 'contains',
    points: 'ge',
    number: 'ge',
    list: 'contains',
    moment: 'in_last_days',
    yearly: 'in_next_days',
    date: 'eq',
  };
  const wish = field.choices && field.kind === 'text' ? 'eq' : wished[field.kind];
  return wish && field.operators.includes(wish) ? wish : field.operators[0]!;
}

/** A value stays while it still fits. */
function withOperator(sentence: Sentence, op: string): Sentence {
  const was = sentence.op;
  const fits = countsDays(op) === countsDays(was) && (op === 'in') === (was === 'in');
  return { ...sentence, op, value: fits && !needsNoValue(op) ? sentence.value : undefined };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
