import { ActionIcon, Button, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import classes from './Fields.module.css';
import { type Condition, capital, type Fact } from './model';

const OPS: Record<string, string[]> = {
  text: ['eq', 'ne', 'contains', 'set', 'unset'],
  phone: ['eq', 'set', 'unset'],
  number: ['ge', 'gt', 'le', 'lt', 'eq', 'ne', 'set', 'unset'],
  points: ['ge', 'gt', 'le', 'lt', 'eq', 'ne', 'set', 'unset'],
  flag: ['set', 'unset'],
  list: ['contains', 'set', 'unset'],
  date: ['eq', 'lt', 'gt', 'in_next_days', 'in_last_days', 'older_than_days', 'set', 'unset'],
  moment: ['in_last_days', 'older_than_days', 'set', 'unset'],
  file: ['set', 'unset'],
};
const BARE = ['set', 'unset'];
const DAYS = ['in_next_days', 'in_last_days', 'older_than_days'];

type Leaf = { field: string; op: string; value?: unknown };
type Props = {
  value: Condition;
  change: (value: Condition) => void;
  facts: Map<string, Fact>;
  lang: 'ru' | 'en';
};

/** A condition of one or several comparisons, all or any of which must hold; what is deeper stays as it is. */
export function ConditionField({ value, change, facts, lang }: Props) {
  const t = useWords('scenarios');
  const join = 'any' in value ? 'any' : 'all';
  const parts: Condition[] = 'all' in value ? value.all : 'any' in value ? value.any : [value];
  const give = (next: Condition[], how = join) =>
    change(next.length === 1 ? next[0]! : how === 'any' ? { any: next } : { all: next });
  return (
    <div className={classes.condition}>
      {parts.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label={t('condition.join')}
          value={join}
          onChange={(how) => give(parts, how as 'all' | 'any')}
          data={[
            { value: 'all', label: t('condition.all') },
            { value: 'any', label: t('condition.any') },
          ]}
        />
      )}
      {parts.map((part, at) =>
        'field' in part ? (
          <LeafField
            // biome-ignore lint/suspicious/noArrayIndexKey: comparisons have no name of their own
            key={at}
            leaf={part}
            facts={facts}
            lang={lang}
            change={(leaf) => give(parts.map((one, index) => (index === at ? leaf : one)))}
            remove={parts.length > 1 ? () => give(parts.filter((_, index) => index !== at)) : undefined}
          />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: comparisons have no name of their own
          <code key={at} className={classes.hint}>
            {JSON.stringify(part)}
          </code>
        ),
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => give([...parts, { field: 'contact.tags', op: 'contains', value: '' }])}
      >
        {t('condition.add')}
      </Button>
    </div>
  );
}

function LeafField({
  leaf,
  change,
  remove,
  facts,
  lang,
}: {
  leaf: Leaf;
  change: (leaf: Leaf) => void;
  remove?: () => void;
  facts: Map<string, Fact>;
  lang: 'ru' | 'en';
}) {
  const t = useWords('scenarios');
  const kind = facts.get(leaf.field)?.kind ?? 'text';
  const ops = OPS[kind] ?? OPS.text!;
  const number = kind === 'number' || kind === 'points' || DAYS.includes(leaf.op);
  const pick = (field: string) => {
    const next = OPS[facts.get(field)?.kind ?? 'text'] ?? OPS.text!;
    change(next.includes(leaf.op) ? { ...leaf, field } : { field, op: next[0]! });
  };
  return (
    <div className={classes.leaf}>
      <FactSelect label={t('condition.field')} value={leaf.field} change={pick} facts={facts} lang={lang} />
      {remove && (
        <ActionIcon aria-label={t('del')} onClick={remove}>
          <IconX size={16} />
        </ActionIcon>
      )}
      <div className={classes.pair}>
        <Select
          aria-label={t('condition.op')}
          size="xs"
          allowDeselect={false}
          value={leaf.op}
          data={ops.map((op) => ({ value: op, label: t(`op.${op}`) }))}
          onChange={(op) => op && change(BARE.includes(op) ? { field: leaf.field, op } : { ...leaf, op })}
        />
        {!BARE.includes(leaf.op) &&
          (number ? (
            <NumberInput
              aria-label={t('inspector.value')}
              size="xs"
              value={typeof leaf.value === 'number' ? leaf.value : ''}
              onChange={(value) => change({ ...leaf, value: typeof value === 'number' ? value : undefined })}
            />
          ) : (
            <TextInput
              aria-label={t('inspector.value')}
              size="xs"
              value={String(leaf.value ?? '')}
              onChange={(event) => change({ ...leaf, value: event.currentTarget.value })}
            />
          ))}
      </div>
    </div>
  );
}

/** A fact of the catalogue, found by its name for people. */
export function FactSelect({
  label,
  value,
  change,
  facts,
  lang,
  only,
}: {
  label: string;
  value: string;
  change: (path: string) => void;
  facts: Map<string, Fact>;
  lang: 'ru' | 'en';
  only?: (fact: Fact) => boolean;
}) {
  const t = useWords('scenarios');
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const fact of facts.values()) {
    if (only && !only(fact)) continue;
    const group = fact.path.split('.')[0]!;
    const item = { value: fact.path, label: capital(fact.title[lang]) };
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  if (value && !facts.has(value))
    groups.set('vars', [...(groups.get('vars') ?? []), { value, label: value }]);
  return (
    <Select
      aria-label={label}
      size="xs"
      searchable
      allowDeselect={false}
      value={value || null}
      data={[...groups].map(([group, items]) => ({
        group: t(`group.${group}`, { defaultValue: group }),
        items,
      }))}
      onChange={(path) => path && change(path)}
      maxDropdownHeight={280}
    />
  );
}
