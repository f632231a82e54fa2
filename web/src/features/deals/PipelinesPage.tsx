import './words';
import { ActionIcon, Button, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher, newKey, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { WordingField } from '../../ui/WordingField';
import classes from './Deals.module.css';
import { asGiven, asPipelines, type Fields, type Kind, type Pipeline, type Stage } from './model';

const NEW: Fields = {
  name: { ru: '', en: '' },
  stages: [
    { key: 'new', name: { ru: 'Новая', en: 'New' }, kind: 'open' },
    { key: 'won', name: { ru: 'Успех', en: 'Won' }, kind: 'success' },
    { key: 'lost', name: { ru: 'Отказ', en: 'Lost' }, kind: 'failure' },
  ],
  at_registration: false,
  accrual: { weights: true, fixed: 0, percent_bp: 0 },
  after_success: 'reverse',
  order_days: 14,
};

/** The ways that deals go: stages, what they mean, what success gives. */
export default function PipelinesPage() {
  const t = useWords('deals');
  const may = useMay('settings_manage');
  const go = useNavigate();
  const { pipeline: chosen } = useSearch({ strict: false }) as { pipeline?: string };
  const query = api.useQuery('get', '/api/v1/pipelines', {}, { select: asPipelines });
  const at = (key: string) => void go({ to: '/deals/pipelines', search: { pipeline: key } as never });
  const pipelines = query.data ?? [];
  const isNew = chosen === 'new';
  const shown = isNew ? undefined : (pipelines.find((one) => one.key === chosen) ?? pipelines[0]);
  return (
    <Page
      title={t('edit.title')}
      crumb={{ to: '/deals', label: t('title') }}
      actions={
        may && (
          <Button leftSection={<IconPlus size={17} />} variant="default" onClick={() => at('new')}>
            {t('edit.new')}
          </Button>
        )
      }
    >
      {query.error && <ErrorNote problem={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <RowsSkeleton />}
      {query.data && (
        <>
          <Cell span={3}>
            <nav className={classes.names} aria-label={t('edit.title')}>
              {pipelines.map((one) => (
                <button
                  type="button"
                  key={one.key}
                  aria-current={one.key === shown?.key || undefined}
                  onClick={() => at(one.key)}
                >
                  {one.pipeline.name[language()]}
                </button>
              ))}
            </nav>
          </Cell>
          <Cell span={9}>
            {shown || isNew ? (
              <Editor
                key={shown ? `${shown.key}/${shown.revision}` : 'new'}
                pipeline={shown}
                made={at}
                may={may}
              />
            ) : (
              <EmptyState title={t('empty')} hint={t('emptyHint')} />
            )}
          </Cell>
        </>
      )}
    </Page>
  );
}

function Editor({ pipeline, made, may }: { pipeline?: Pipeline; made: (key: string) => void; may: boolean }) {
  const t = useWords('deals');
  const client = useQueryClient();
  const stored = pipeline?.pipeline ?? NEW;
  const [fields, setFields] = useState<Fields>(stored);
  const [key, setKey] = useState('');
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const changed = JSON.stringify(fields) !== JSON.stringify(stored) || key !== '';
  const set = (part: Partial<Fields>) => setFields({ ...fields, ...part });
  const fault = (field: string) => wrong[field] ?? wrong[`pipeline.${field}`];
  const save = async () => {
    setBusy(true);
    setWrong({});
    try {
      const named = pipeline?.key ?? key;
      await fetcher.PUT('/api/v1/pipelines/{key}', {
        params: { path: { key: named } },
        body: { revision: pipeline?.revision ?? 0, pipeline: asGiven(fields) },
      });
      setKey('');
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/pipelines'] });
      tell(t('edit.saved'));
      if (!pipeline) made(named);
    } catch (problem) {
      if (problem instanceof Problem) setWrong(problem.fields);
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const stages = (next: Stage[]) => set({ stages: next });
  return (
    <>
      <fieldset className={classes.editor} disabled={!may}>
        <Card>
          <div className={classes.form}>
            <WordingField
              line
              label={t('edit.name')}
              value={fields.name}
              onChange={(name) => set({ name })}
              errors={{ ru: fault('name.ru'), en: fault('name.en') }}
            />
            {!pipeline && (
              <TextInput
                label={t('edit.key')}
                description={t('edit.keyHint')}
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                error={fault('key')}
              />
            )}
            <Switch
              label={t('edit.registration')}
              checked={fields.at_registration}
              onChange={(event) => set({ at_registration: event.currentTarget.checked })}
            />
          </div>
        </Card>
        <Card title={t('edit.stages')} subtitle={t('edit.stagesHint')}>
          {fault('stages') && <p className={classes.fault}>{fault('stages')}</p>}
          <ol className={classes.stages}>
            {fields.stages.map((stage, index) => (
              <StageRow
                key={stage.key}
                stage={stage}
                fault={(field) => fault(`stages.${index}.${field}`) ?? fault(`stages.${stage.key}.${field}`)}
                change={(part) =>
                  stages(fields.stages.map((one, place) => (place === index ? { ...one, ...part } : one)))
                }
                remove={() => stages(fields.stages.filter((_, place) => place !== index))}
                up={index > 0 ? () => stages(swapped(fields.stages, index - 1)) : undefined}
                down={
                  index < fields.stages.length - 1 ? () => stages(swapped(fields.stages, index)) : undefined
                }
              />
            ))}
          </ol>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() =>
              stages([
                ...fields.stages,
                { key: `s-${newKey().slice(0, 8)}`, name: { ru: '', en: '' }, kind: 'open' },
              ])
            }
          >
            {t('edit.addStage')}
          </Button>
        </Card>
        <Card title={t('edit.accrual')}>
          <div className={classes.form}>
            <Switch
              label={t('edit.weights')}
              checked={fields.accrual.weights}
              onChange={(event) =>
                set({ accrual: { ...fields.accrual, weights: event.currentTarget.checked } })
              }
            />
            <div className={classes.pair}>
              <NumberInput
                label={t('edit.fixed')}
                value={fields.accrual.fixed}
                onChange={(typed) => set({ accrual: { ...fields.accrual, fixed: Number(typed) || 0 } })}
                allowNegative={false}
                error={fault('accrual.fixed')}
              />
              <NumberInput
                label={t('edit.percent')}
                value={fields.accrual.percent_bp / 100}
                onChange={(typed) =>
                  set({ accrual: { ...fields.accrual, percent_bp: Math.round((Number(typed) || 0) * 100) } })
                }
                suffix={'\u00a0%'}
                max={100}
                decimalScale={2}
                allowNegative={false}
                error={fault('accrual.percent_bp')}
              />
              <Select
                label={t('edit.after')}
                value={fields.after_success}
                onChange={(after) => after && set({ after_success: after as Fields['after_success'] })}
                data={['reverse', 'leave'].map((value) => ({ value, label: t(`edit.${value}`) }))}
                allowDeselect={false}
              />
              <NumberInput
                label={t('edit.orderDays')}
                value={fields.order_days}
                min={1}
                max={365}
                onChange={(typed) => set({ order_days: Number(typed) || 1 })}
                error={fault('order_days')}
              />
            </div>
          </div>
        </Card>
      </fieldset>
      <div className={classes.saving}>
        <SaveBar
          changed={changed && may}
          saving={busy}
          save={() => void save()}
          discard={() => {
            setFields(stored);
            setKey('');
          }}
        />
      </div>
    </>
  );
}

/** The stage at a place and the next one change places. */
function swapped(stages: Stage[], at: number): Stage[] {
  const next = stages.slice();
  next.splice(at, 2, stages[at + 1]!, stages[at]!);
  return next;
}

type StageRowProps = {
  stage: Stage;
  fault: (field: string) => string | undefined;
  change: (part: Partial<Stage>) => void;
  remove: () => void;
  up?: () => void;
  down?: () => void;
};

function StageRow({ stage, fault, change, remove, up, down }: StageRowProps) {
  const t = useWords('deals');
  const name = stage.name[language()];
  const texts = ['title', 'stage', 'points', 'earned', 'name'].map((one) => ({
    insert: one === 'points' || one === 'earned' ? `{{ ${one}|points }}` : `{{ ${one} }}`,
    label: t(`edit.names.${one}`),
  }));
  return (
    <li className={classes.stage} data-kind={stage.kind}>
      <div className={classes.stageLine}>
        <WordingField
          line
          label={t('edit.stage')}
          value={stage.name}
          onChange={(name) => change({ name })}
          errors={{ ru: fault('name.ru'), en: fault('name.en') }}
        />
        <Select
          label={t('edit.kind')}
          value={stage.kind}
          onChange={(kind) => kind && change({ kind: kind as Kind })}
          data={['open', 'success', 'failure'].map((value) => ({ value, label: t(`edit.${value}`) }))}
          allowDeselect={false}
        />
        <span className={classes.stageTools}>
          <ActionIcon aria-label={t('edit.up', { name })} disabled={!up} onClick={up}>
            <IconArrowUp size={17} />
          </ActionIcon>
          <ActionIcon aria-label={t('edit.down', { name })} disabled={!down} onClick={down}>
            <IconArrowDown size={17} />
          </ActionIcon>
          <ActionIcon aria-label={t('edit.remove', { name })} onClick={remove}>
            <IconTrash size={17} />
          </ActionIcon>
        </span>
      </div>
      <Switch
        size="xs"
        label={t('edit.tellsOn')}
        checked={stage.tells !== undefined}
        onChange={(event) =>
          change({
            tells: event.currentTarget.checked
              ? { ru: '{{ title }}: {{ stage }}.', en: '{{ title }}: {{ stage }}.' }
              : undefined,
          })
        }
      />
      {stage.tells && (
        <WordingField
          label={t('edit.tells')}
          value={stage.tells}
          onChange={(tells) => change({ tells })}
          names={texts}
          errors={{ ru: fault('tells.ru'), en: fault('tells.en') }}
        />
      )}
    </li>
  );
}
