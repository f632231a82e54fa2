import { Button, Progress, Select, Stepper, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { day, whole } from '../../lib/format';
import { tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { KpiStrip } from '../../ui/KpiStrip';
import { Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Files.module.css';
import { TONES } from './parts';
import './words';

type Import = components['schemas']['Import'];
type Preview = components['schemas']['ImportPreview'];
type Counts = components['schemas']['RowCounts'];

const FIELDS = [
  'skip',
  'name',
  'surname',
  'patronymic',
  'phone',
  'card',
  'birthday',
  'points',
  'expires_on',
  'tags',
  'consents',
  'source',
  'locale',
  'external_id',
  'contact_id',
] as const;

/** A file on its way in: what its columns are, what it would do, how far it is. */
export default function ImportPage() {
  const t = useWords('files');
  const { id } = useParams({ strict: false }) as { id: string };
  const made = api.useQuery(
    'get',
    '/api/v1/imports/{id}',
    { params: { path: { id } } },
    { refetchInterval: (query) => (query.state.data?.state === 'running' ? 1000 : false) },
  );
  const [checked, setChecked] = useState(false);
  const crumb = { to: '/files/imports', label: t('title') };
  if (made.error && !made.data) {
    return (
      <Page title={t('imports')} crumb={crumb}>
        <ErrorNote problem={made.error} retry={() => void made.refetch()} />
      </Page>
    );
  }
  if (!made.data) {
    return (
      <Page title={t('imports')} crumb={crumb}>
        <RowsSkeleton rows={6} />
      </Page>
    );
  }
  const one = made.data;
  const draft = one.state === 'draft';
  const step = draft ? (checked ? 1 : 0) : one.state === 'running' ? 2 : 3;
  return (
    <Page
      title={one.file_name}
      crumb={crumb}
      state={<Chip tone={TONES[one.state] ?? 'plain'}>{t(`states.${one.state}` as 'states.done')}</Chip>}
    >
      <Stepper active={step} size="sm" className={classes.steps}>
        <Stepper.Step label={t('steps.mapping')} />
        <Stepper.Step label={t('steps.preview')} />
        <Stepper.Step label={t('steps.run')} />
      </Stepper>
      {draft && !checked && <Mapping made={one} next={() => setChecked(true)} />}
      {draft && checked && <Check made={one} back={() => setChecked(false)} />}
      {!draft && <Run made={one} />}
    </Page>
  );
}

function Mapping({ made, next }: { made: Import; next: () => void }) {
  const t = useWords('files');
  const client = useQueryClient();
  const known = api.useQuery('get', '/api/v1/contacts/fields');
  const [mapping, setMapping] = useState(made.mapping);
  const put = (at: number, word: string) =>
    setMapping(mapping.map((one, index) => (index === at ? word : one)));
  const save = api.useMutation('put', '/api/v1/imports/{id}/mapping', {
    onSuccess: (now) => {
      client.setQueryData(['get', '/api/v1/imports/{id}', { params: { path: { id: made.id } } }], now);
      next();
    },
  });
  const named = known.data?.fields ?? [];
  const data = [
    ...FIELDS.map((field) => ({ value: field as string, label: t(`fields.${field}`) })),
    ...named.map((field) => ({ value: `fields.${field.key}`, label: field.title })),
    { value: 'own', label: t('ownField') },
  ];
  const titles = new Set(data.map((one) => one.value));
  return (
    <Card title={t('mapTitle')} subtitle={t('mapHint')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ params: { path: { id: made.id } }, body: { mapping } });
        }}
      >
        <div className={classes.mapping}>
          <span className={classes.head}>{t('column')}</span>
          <span className={classes.head}>{t('meaning')}</span>
          {made.titles.map((title, at) => {
            const word = mapping[at] ?? 'skip';
            const own = !titles.has(word);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns stand in the order of the file
              <div key={at} className={classes.pair}>
                <span className={classes.column} data-skipped={word === 'skip' || undefined}>
                  {title || `${t('column')} ${at + 1}`}
                </span>
                <span className={classes.meaning}>
                  <Select
                    aria-label={`${t('meaning')}: ${title}`}
                    data={data}
                    value={own ? 'own' : word}
                    allowDeselect={false}
                    searchable
                    onChange={(value) => value && put(at, value === 'own' ? 'fields.' : value)}
                  />
                  {own && (
                    <TextInput
                      aria-label={t('ownName')}
                      placeholder={t('ownName')}
                      value={word.replace(/^fields\./, '')}
                      onChange={(event) =>
                        put(at, `fields.${event.currentTarget.value.trim().toLowerCase()}`)
                      }
                    />
                  )}
                </span>
              </div>
            );
          })}
        </div>
        {save.error instanceof Problem && (
          <p className={classes.bad} role="alert">
            {Object.values(save.error.fields)[0] ?? save.error.message}
          </p>
        )}
        <div className={classes.end}>
          <Button type="submit" loading={save.isPending}>
            {t('check')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Check({ made, back }: { made: Import; back: () => void }) {
  const t = useWords('files');
  const client = useQueryClient();
  const preview = api.useQuery('get', '/api/v1/imports/{id}/preview', { params: { path: { id: made.id } } });
  const start = api.useMutation('post', '/api/v1/imports/{id}/start', {
    onSuccess: (now) =>
      client.setQueryData(['get', '/api/v1/imports/{id}', { params: { path: { id: made.id } } }], now),
    onError: tellProblem,
  });
  if (preview.error && !preview.data) {
    return <ErrorNote problem={preview.error} retry={() => void preview.refetch()} />;
  }
  if (!preview.data) return <RowsSkeleton rows={6} />;
  const { counts } = preview.data;
  const ask = async () => {
    const sure = await confirm({
      title: t('startTitle', { file: made.file_name }),
      effect: t('startEffect', {
        created: whole(counts.created),
        changed: whole(counts.changed),
        points: whole(counts.points),
      }),
      yes: t('start'),
      dangerous: false,
    });
    if (sure) start.mutate({ params: { path: { id: made.id } } });
  };
  return (
    <>
      <CountsStrip counts={counts} words="counts" />
      <Card title={t('previewTitle')} subtitle={t('previewHint')}>
        <Rows preview={preview.data} />
      </Card>
      {preview.data.bad.length > 0 && (
        <Card title={t('badTitle')} aside={<BadFile id={made.id} />}>
          <Bad bad={preview.data.bad} />
        </Card>
      )}
      <div className={classes.end}>
        <Button variant="default" onClick={back}>
          {t('back')}
        </Button>
        <Button
          loading={start.isPending}
          disabled={counts.created + counts.changed === 0}
          onClick={() => void ask()}
        >
          {t('start')}
        </Button>
      </div>
    </>
  );
}

function Run({ made }: { made: Import }) {
  const t = useWords('files');
  const client = useQueryClient();
  const { counts, rows_done, rows_total } = made;
  const stop = async () => {
    if (!(await confirm({ title: t('stopTitle'), effect: t('stopEffect'), yes: t('stop') }))) return;
    const path = { params: { path: { id: made.id } } };
    const { data } = await fetcher.DELETE('/api/v1/imports/{id}', path);
    client.setQueryData(['get', '/api/v1/imports/{id}', path], data);
  };
  return (
    <>
      <CountsStrip counts={counts} words="done" />
      <Card>
        <p className={classes.going} aria-live="polite">
          {t('going', { done: whole(rows_done), total: whole(rows_total) })}
        </p>
        <Progress
          value={rows_total > 0 ? (rows_done / rows_total) * 100 : 100}
          aria-label={t('steps.run')}
          animated={made.state === 'running'}
        />
        <p className={classes.note}>{t('kept', { day: day(made.expires_at) })}</p>
        <div className={classes.end}>
          {counts.bad > 0 && <BadFile id={made.id} />}
          {made.state === 'running' ? (
            <Button variant="default" onClick={() => void stop().catch(tellProblem)}>
              {t('stop')}
            </Button>
          ) : (
            <>
              <Button variant="default" component={Link} to="/files/imports">
                {t('again')}
              </Button>
              <Button component={Link} to="/contacts">
                {t('toContacts')}
              </Button>
            </>
          )}
        </div>
      </Card>
    </>
  );
}

function CountsStrip({ counts, words }: { counts: Counts; words: 'counts' | 'done' }) {
  const t = useWords('files');
  const items = (['created', 'changed', 'unchanged', 'bad', 'points'] as const).map((key) => ({
    label: t(`${words}.${key}`),
    value: whole(counts[key]),
  }));
  return <KpiStrip kpis={items} />;
}

function Rows({ preview }: { preview: Preview }) {
  const t = useWords('files');
  const tones = { created: 'ok', changed: 'info', unchanged: 'plain', bad: 'bad' } as const;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('previewTitle')}>
      <table className={classes.rows}>
        <thead>
          <tr>
            <th>{t('row')}</th>
            <th>{t('fields.name')}</th>
            <th>{t('fields.phone')}</th>
            <th className={classes.right}>{t('fields.points')}</th>
            <th>{t('state')}</th>
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row) => (
            <tr key={row.row}>
              <td>{whole(row.row)}</td>
              <td>{row.name || '—'}</td>
              <td className="num">{row.phone ?? '—'}</td>
              <td className={classes.right}>{row.points > 0 ? whole(row.points) : ''}</td>
              <td>
                <Chip tone={tones[row.fate]}>{t(`fate.${row.fate}`)}</Chip>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bad({ bad }: { bad: Preview['bad'] }) {
  const t = useWords('files');
  return (
    <ul className={classes.badRows}>
      {bad.map((one) => (
        <li key={`${one.row}:${one.column}:${one.code}`}>
          <span className="num">
            {t('row')} {whole(one.row)}
          </span>
          <span>
            {one.column && `${one.column}: `}
            {one.value && <code className={classes.value}>{one.value}</code>}
          </span>
          <span className={classes.note}>{language() === 'ru' ? one.ru : one.en}</span>
        </li>
      ))}
    </ul>
  );
}

function BadFile({ id }: { id: string }) {
  const t = useWords('files');
  return (
    <Button
      variant="default"
      component="a"
      href={`/api/v1/imports/${id}/bad?format=xlsx&locale=${language()}`}
      download
      leftSection={<IconDownload size={16} />}
    >
      {t('badDownload')}
    </Button>
  );
}
