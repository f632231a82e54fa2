import { ActionIcon, Button, Select, TagsInput, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Settings.module.css';
import { isShortName, shortName } from './shortName';
import { useTabs } from './tabs';
import './words';

type Field = components['schemas']['ContactField'];
type Fields = components['schemas']['ContactFields'];

const KINDS: Field['kind'][] = ['text', 'number', 'flag', 'date', 'choice'];
const MOST = 100;

/** What the company wants to know of its guests beside name, phone and birthday. */
export default function FieldsPage() {
  const t = useWords('settings');
  const tabs = useTabs();
  const known = api.useQuery('get', '/api/v1/contacts/fields');
  return (
    <Page title={t('title')} tabs={tabs} tab="/settings/fields">
      {known.error ? (
        <ErrorNote problem={known.error} retry={() => void known.refetch()} />
      ) : known.data ? (
        <Form key={JSON.stringify(known.data)} known={known.data} />
      ) : (
        <RowsSkeleton rows={5} height={64} />
      )}
    </Page>
  );
}

/** A field with a name of its own in this form, so that it keeps its place while it is typed. */
type Row = { row: number; field: Field; fresh: boolean };

let rows = 0;
const rowOf = (field: Field, fresh: boolean): Row => {
  rows += 1;
  return { row: rows, field, fresh };
};

function Form({ known }: { known: Fields }) {
  const t = useWords('settings');
  const client = useQueryClient();
  const may = useMay('settings_manage');
  const [now, setNow] = useState(() => known.fields.map((field) => rowOf(field, false)));
  const put = api.useMutation('put', '/api/v1/contacts/fields', {
    onSuccess: () =>
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/contacts/fields'], exact: false }),
  });
  const wrong = put.error instanceof Problem ? put.error.fields : {};
  const named = now.map(({ field, fresh }, at) => {
    if (!fresh || field.key) return field;
    const taken = now.filter((_, other) => other !== at).map((one) => one.field.key);
    return { ...field, key: shortName(field.title, [...taken, ...known.unnamed]) };
  });
  const changed = JSON.stringify(named) !== JSON.stringify(known.fields);
  const free = known.unnamed.filter((key) => now.every(({ field }) => field.key !== key));
  const set = (row: number, part: Partial<Field>) =>
    setNow((before) =>
      before.map((one) => (one.row === row ? { ...one, field: { ...one.field, ...part } } : one)),
    );
  const move = (at: number, step: number) =>
    setNow((before) => before.toSpliced(at, 1).toSpliced(at + step, 0, before[at]!));
  const add = (field: Field, fresh: boolean) => setNow((before) => [...before, rowOf(field, fresh)]);
  const one = (kind: Field['kind']): Field => ({ key: '', title: '', kind });
  return (
    <>
      {put.error && Object.keys(wrong).length === 0 && <ErrorNote problem={put.error} />}
      <Cell span={8}>
        <Card bare title={t('fields.title')} subtitle={t('fields.subtitle')}>
          {now.length === 0 ? (
            <EmptyState
              title={t('fields.empty')}
              hint={t('fields.emptyHint')}
              action={may && <Button onClick={() => add(one('text'), true)}>{t('fields.add')}</Button>}
            />
          ) : (
            <ol className={classes.fields}>
              {now.map(({ row, field, fresh }, at) => (
                <li key={row}>
                  <div className={classes.field}>
                    <TextInput
                      label={t('fields.name')}
                      value={field.title}
                      maxLength={60}
                      disabled={!may}
                      autoFocus={fresh && field.title === ''}
                      error={wrong[`fields.${at}.title`]}
                      onChange={(event) => set(row, { title: event.currentTarget.value })}
                    />
                    <Select
                      label={t('fields.kind')}
                      value={field.kind}
                      disabled={!may}
                      allowDeselect={false}
                      data={KINDS.map((kind) => ({ value: kind, label: t(`fields.kinds.${kind}`) }))}
                      onChange={(kind) =>
                        kind &&
                        set(row, {
                          kind: kind as Field['kind'],
                          choices: kind === 'choice' ? (field.choices ?? []) : undefined,
                        })
                      }
                    />
                    <TextInput
                      label={t('fields.key')}
                      value={named[at]!.key}
                      disabled={!may || !fresh}
                      error={wrong[`fields.${at}.key`]}
                      onChange={(event) => set(row, { key: event.currentTarget.value.trim() })}
                    />
                    {field.kind === 'choice' && (
                      <TagsInput
                        className={classes.choices}
                        label={t('fields.choices')}
                        description={t('fields.choicesHint')}
                        value={field.choices ?? []}
                        maxTags={50}
                        disabled={!may}
                        error={wrong[`fields.${at}.choices`]}
                        onChange={(choices) => set(row, { choices })}
                      />
                    )}
                  </div>
                  {may && (
                    <div className={classes.does}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size={36}
                        disabled={at === 0}
                        aria-label={t('fields.up', { name: field.title })}
                        onClick={() => move(at, -1)}
                      >
                        <IconArrowUp size={17} />
                      </ActionIcon>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size={36}
                        disabled={at === now.length - 1}
                        aria-label={t('fields.down', { name: field.title })}
                        onClick={() => move(at, 1)}
                      >
                        <IconArrowDown size={17} />
                      </ActionIcon>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size={36}
                        aria-label={t('fields.remove', { name: field.title })}
                        onClick={() => setNow((before) => before.filter((one) => one.row !== row))}
                      >
                        <IconTrash size={17} />
                      </ActionIcon>
                    </div>
                  )}
                </li>
              ))}
            </ol>
          )}
          {may && now.length > 0 && now.length < MOST && (
            <div className={classes.more}>
              <Button
                variant="default"
                leftSection={<IconPlus size={17} />}
                onClick={() => add(one('text'), true)}
              >
                {t('fields.add')}
              </Button>
            </div>
          )}
        </Card>
      </Cell>
      <Cell span={4}>
        <Card title={t('fields.about')}>
          <p className={classes.hint}>{t('fields.aboutText')}</p>
          {free.length > 0 && (
            <>
              <h3 className={classes.small}>{t('fields.unnamed')}</h3>
              <p className={classes.hint}>{t('fields.unnamedHint')}</p>
              <ul className={classes.unnamed}>
                {free.map((key) => (
                  <li key={key}>
                    <code>{key}</code>
                    {may && isShortName(key) && (
                      <Button
                        variant="default"
                        size="compact-md"
                        onClick={() => add({ ...one('text'), key, title: key }, false)}
                      >
                        {t('fields.nameIt')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )}
        </Card>
      </Cell>
      <SaveBar
        changed={changed}
        saving={put.isPending}
        save={() => put.mutate({ body: { fields: named } })}
        discard={() => setNow(known.fields.map((field) => rowOf(field, false)))}
      />
    </>
  );
}
