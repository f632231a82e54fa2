import { Button, NumberInput, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fetcher, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { latin } from '../../lib/latin';
import { tell, tellProblem } from '../../lib/notify';
import { PictureField } from '../../ui/PictureField';
import { WordingField } from '../../ui/WordingField';
import classes from './Catalogue.module.css';
import { asGiven, type Fields, type Item, NEW } from './model';

/** One reward: what it is, what it costs, how many there are. */
export function ItemForm({ item, position, close }: { item?: Item; position: number; close: () => void }) {
  const t = useWords('catalogue');
  const may = useMay('settings_manage');
  const client = useQueryClient();
  const [fields, setFields] = useState<Fields>(item?.item ?? { ...NEW, position });
  const [stock, setStock] = useState<number | null>(item?.stock ?? null);
  const [key, setKey] = useState('');
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<Fields>) => setFields({ ...fields, ...part });
  const fault = (field: string) => wrong[`item.${field}`] ?? wrong[field];
  const named = item?.key ?? (key || latin(fields.name.en || fields.name.ru));
  const save = async () => {
    setBusy(true);
    setWrong({});
    // Who writes one language means it for both.
    const name = { ru: fields.name.ru || fields.name.en, en: fields.name.en || fields.name.ru };
    const said = fields.description;
    const description =
      said && (said.ru || said.en) ? { ru: said.ru || said.en, en: said.en || said.ru } : undefined;
    try {
      await fetcher.PUT('/api/v1/catalogue/items/{key}', {
        params: { path: { key: named } },
        body: {
          revision: item?.revision ?? 0,
          item: asGiven({ ...fields, name, description, category: fields.category || undefined }),
          ...(stock !== (item?.stock ?? null) ? { stock } : {}),
        },
      });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/catalogue/items'] });
      tell(t('saved'));
      close();
    } catch (problem) {
      if (problem instanceof Problem) setWrong(problem.fields);
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const number = (
    label: string,
    value: number | undefined | null,
    change: (value: number | undefined) => void,
    more: { description?: string; suffix?: string; error?: string; decimalScale?: number } = {},
  ) => (
    <NumberInput
      label={label}
      value={value ?? ''}
      onChange={(typed) => change(typed === '' ? undefined : Number(typed))}
      allowNegative={false}
      thousandSeparator={'\u00a0'}
      decimalSeparator=","
      decimalScale={0}
      {...more}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset className={classes.form} disabled={!may}>
        <WordingField
          line
          label={t('field.name')}
          value={fields.name}
          onChange={(name) => set({ name })}
          errors={{ ru: fault('name.ru'), en: fault('name.en') }}
        />
        <WordingField
          label={t('field.description')}
          value={fields.description ?? { ru: '', en: '' }}
          onChange={(description) => set({ description })}
          errors={{ ru: fault('description.ru'), en: fault('description.en') }}
        />
        <PictureField
          label={t('field.picture')}
          value={fields.picture}
          onChange={(picture) => set({ picture })}
        />
        <SegmentedControl
          value={fields.kind}
          onChange={(kind) => set({ kind: kind as Fields['kind'] })}
          aria-label={t('field.kind')}
          data={[
            { value: 'goods', label: t('field.goods') },
            { value: 'service', label: t('field.service') },
          ]}
        />
        <div className={classes.pair}>
          {number(t('field.points'), fields.points, (points) => set({ points }), {
            description: t('field.pointsHint'),
            error: fault('points'),
          })}
          {number(
            t('field.money'),
            fields.money === undefined ? undefined : fields.money / 100,
            (sum) => set({ money: sum === undefined ? undefined : Math.round(sum * 100) }),
            { suffix: '\u00a0₽', decimalScale: 2, error: fault('money') },
          )}
          {number(t('field.weight'), fields.weight, (weight) => set({ weight: weight ?? 0 }), {
            description: t('field.weightHint'),
            error: fault('weight'),
          })}
          {number(t('field.position'), fields.position, (place) => set({ position: place ?? 0 }), {
            description: t('field.positionHint'),
          })}
        </div>
        <Switch
          label={t('field.counted')}
          checked={stock !== null}
          onChange={(event) => setStock(event.currentTarget.checked ? (item?.stock ?? 0) : null)}
        />
        {stock !== null &&
          number(t('field.stock'), stock, (pieces) => setStock(pieces ?? 0), { error: fault('stock') })}
        <div className={classes.pair}>
          {number(
            t('field.perPerson'),
            fields.per_person?.count,
            (count) => set({ per_person: count ? { ...fields.per_person, count } : undefined }),
            { description: t('field.perPersonHint'), error: fault('per_person.count') },
          )}
          {fields.per_person &&
            number(
              t('field.perDays'),
              fields.per_person.days,
              (days) => set({ per_person: { count: fields.per_person!.count, days } }),
              { description: t('field.perDaysHint'), error: fault('per_person.days') },
            )}
        </div>
        <TextInput
          label={t('field.category')}
          description={t('field.categoryHint')}
          value={fields.category ?? ''}
          onChange={(event) => set({ category: event.currentTarget.value })}
          error={fault('category')}
        />
        {!item && (
          <TextInput
            label={t('field.key')}
            description={t('field.keyHint')}
            value={key}
            placeholder={named}
            onChange={(event) => setKey(event.currentTarget.value)}
            error={fault('key')}
          />
        )}
        <Switch
          label={t('field.active')}
          checked={fields.active}
          onChange={(event) => set({ active: event.currentTarget.checked })}
        />
        {may && (
          <Button type="submit" loading={busy} disabled={!named || !(fields.name.ru || fields.name.en)}>
            {t('do.save')}
          </Button>
        )}
      </fieldset>
    </form>
  );
}
