import { ActionIcon, Button, Modal, NumberInput, Progress, SegmentedControl, Select } from '@mantine/core';
import { IconDownload, IconPlus, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { day, recent, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { type Column, DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Files.module.css';
import { TONES, useTabs } from './parts';
import './words';

type Export = components['schemas']['Export'];

const isOpen = (one: Export): boolean => one.state === 'waiting' || one.state === 'running';

/** Tables of the company's data as files. */
export default function ExportsPage() {
  const t = useWords('files');
  const tabs = useTabs();
  const columns = useColumns();
  const [making, setMaking] = useState(false);
  const exports = api.useQuery(
    'get',
    '/api/v1/exports',
    { params: { query: { limit: 100 } } },
    { refetchInterval: (query) => (query.state.data?.items.some(isOpen) ? 1000 : false) },
  );
  const make = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setMaking(true)}>
      {t('make')}
    </Button>
  );
  return (
    <Page full title={t('title')} tabs={tabs} tab="/files/exports" actions={make}>
      <div />
      {exports.error && !exports.data ? (
        <ErrorNote problem={exports.error} retry={() => void exports.refetch()} />
      ) : (
        <DataTable<Export>
          label={t('exports')}
          rows={exports.data?.items ?? []}
          loading={exports.isPending}
          id={(row) => row.id}
          columns={columns}
          empty={<EmptyState title={t('exportsEmpty')} hint={t('exportsHint')} action={make} />}
        />
      )}
      <Modal opened={making} onClose={() => setMaking(false)} title={t('makeTitle')}>
        <NewExport close={() => setMaking(false)} />
      </Modal>
    </Page>
  );
}

function useColumns(): Column<Export>[] {
  const t = useWords('files');
  const client = useQueryClient();
  const cancel = async (id: string) => {
    await fetcher.DELETE('/api/v1/exports/{id}', { params: { path: { id } } });
    void client.invalidateQueries({ queryKey: ['get', '/api/v1/exports'] });
  };
  return [
    {
      key: 'what',
      title: t('what'),
      width: 'minmax(130px, 1.4fr)',
      cell: (row) => (
        <span>
          {t(`whats.${row.what}`)}{' '}
          <span className={classes.note}>{row.format === 'xlsx' ? 'Excel' : 'CSV'}</span>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      width: 'minmax(90px, 1fr)',
      cell: (row) =>
        row.state === 'running' && row.rows_total ? (
          <Progress
            value={Math.min(100, (row.rows_done / row.rows_total) * 100)}
            aria-label={t('states.running')}
            animated
          />
        ) : (
          <Chip tone={TONES[row.state] ?? 'plain'} title={row.note ?? undefined}>
            {t(`states.${row.state}`)}
          </Chip>
        ),
    },
    {
      key: 'rows',
      title: t('rows'),
      width: '90px',
      right: true,
      wide: true,
      cell: (row) => whole(row.rows_done),
    },
    { key: 'when', title: t('when'), width: '110px', wide: true, cell: (row) => recent(row.created_at) },
    {
      key: 'kept',
      title: t('file'),
      width: 'minmax(150px, 1.2fr)',
      wide: true,
      cell: (row) =>
        row.state === 'done' && row.expires_at ? (
          <span className={classes.note}>{t('kept', { day: day(row.expires_at) })}</span>
        ) : null,
    },
    {
      key: 'act',
      title: '',
      width: '92px',
      right: true,
      cell: (row) => (
        <span className={classes.acts}>
          {row.state === 'done' && (
            <ActionIcon
              component="a"
              href={`/api/v1/exports/${row.id}/file`}
              download={row.file_name}
              aria-label={`${t('download')} ${row.file_name}`}
            >
              <IconDownload size={18} />
            </ActionIcon>
          )}
          {(isOpen(row) || row.state === 'done') && (
            <ActionIcon
              aria-label={t(isOpen(row) ? 'cancel' : 'remove')}
              onClick={() => void cancel(row.id).catch(tellProblem)}
            >
              <IconX size={18} />
            </ActionIcon>
          )}
        </span>
      ),
    },
  ];
}

function NewExport({ close }: { close: () => void }) {
  const t = useWords('files');
  const client = useQueryClient();
  const maySee = useMay('personal_data_see');
  const [what, setWhat] = useState<Export['what']>('contacts');
  const [format, setFormat] = useState<Export['format']>('xlsx');
  const [days, setDays] = useState(7);
  const start = api.useMutation('post', '/api/v1/exports', {
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/exports'] });
      tell(t('started'));
      close();
    },
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ body: { what, format, locale: language(), keep_days: days } });
      }}
    >
      <Select
        label={t('what')}
        data={(['contacts', 'lots', 'ledger', 'postings', 'deals', 'winners', 'prize_tax'] as const).map(
          (one) => ({
            value: one,
            label: t(`whats.${one}`),
          }),
        )}
        value={what}
        allowDeselect={false}
        onChange={(value) => value && setWhat(value as Export['what'])}
      />
      <SegmentedControl
        aria-label={t('format')}
        data={[
          { value: 'xlsx', label: 'Excel' },
          { value: 'csv', label: 'CSV' },
        ]}
        value={format}
        onChange={(value) => setFormat(value as Export['format'])}
      />
      <NumberInput
        label={t('keep')}
        value={days}
        min={1}
        max={30}
        allowDecimal={false}
        onChange={(value) => setDays(typeof value === 'number' ? value : 7)}
      />
      <p className={classes.note}>{t(maySee ? 'personal' : 'masked')}</p>
      {start.error instanceof Problem && <p className={classes.bad}>{start.error.message}</p>}
      <div className={classes.end}>
        <Button variant="default" onClick={close}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button type="submit" loading={start.isPending}>
          {t('make')}
        </Button>
      </div>
    </form>
  );
}
