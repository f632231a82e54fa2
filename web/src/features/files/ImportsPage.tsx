import { Button, FileButton, Loader } from '@mantine/core';
import { IconFileSpreadsheet, IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type DragEvent, useState } from 'react';
import { api, Problem, problemOf } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { recent, whole } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import { DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Files.module.css';
import { TONES, useTabs } from './parts';
import './words';

type Import = components['schemas']['Import'];

/** Brings the bytes of a file; the answer is the draft of an import. */
async function bring(file: File): Promise<Import> {
  const answer = await fetch(`/api/v1/imports?file_name=${encodeURIComponent(file.name)}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'x-samovar': 'console',
      'accept-language': language(),
    },
    body: file,
  });
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as Import;
}

/** Files that were brought, and a place to bring one. */
export default function ImportsPage() {
  const t = useWords('files');
  const go = useNavigate();
  const client = useQueryClient();
  const tabs = useTabs();
  const imports = api.useQuery('get', '/api/v1/imports', { params: { query: { limit: 100 } } });
  const [reading, setReading] = useState(false);
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const take = async (file: File | null | undefined) => {
    if (!file) return;
    setReading(true);
    setProblem(undefined);
    try {
      const made = await bring(file);
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/imports'] });
      await go({ to: '/files/imports/$id', params: { id: made.id } });
    } catch (refused) {
      setProblem(refused);
    } finally {
      setReading(false);
    }
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <Page title={t('title')} tabs={tabs} tab="/files/imports">
      <section
        aria-label={t('drop')}
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        <span className={classes.dropIcon} aria-hidden>
          {reading ? <Loader size={22} /> : <IconFileSpreadsheet size={26} />}
        </span>
        <div className={classes.dropText}>
          <strong>{reading ? t('reading') : t('drop')}</strong>
          <p className={classes.note}>{t('dropHint')}</p>
          {problem !== undefined && (
            <p className={classes.bad} role="alert">
              {problem instanceof Problem ? problem.message : t('say.failed', { ns: 'common' })}
            </p>
          )}
        </div>
        <FileButton onChange={(file) => void take(file)} accept=".xlsx,.csv,.txt,text/csv">
          {(props) => (
            <Button {...props} leftSection={<IconUpload size={17} />} loading={reading}>
              {t('choose')}
            </Button>
          )}
        </FileButton>
      </section>
      {imports.error && !imports.data ? (
        <ErrorNote problem={imports.error} retry={() => void imports.refetch()} />
      ) : (
        <div className={classes.table}>
          <DataTable<Import>
            label={t('imports')}
            rows={imports.data?.items ?? []}
            loading={imports.isPending}
            id={(row) => row.id}
            open={(row) => void go({ to: '/files/imports/$id', params: { id: row.id } })}
            columns={[
              { key: 'file', title: t('file'), width: 'minmax(160px, 2fr)', cell: (row) => row.file_name },
              {
                key: 'state',
                title: t('state'),
                width: '120px',
                cell: (row) => (
                  <Chip tone={TONES[row.state] ?? 'plain'}>{t(`states.${row.state}` as 'states.done')}</Chip>
                ),
              },
              {
                key: 'rows',
                title: t('rows'),
                width: '100px',
                right: true,
                wide: true,
                cell: (row) => whole(row.rows_total),
              },
              {
                key: 'when',
                title: t('when'),
                width: '110px',
                wide: true,
                cell: (row) => recent(row.created_at),
              },
            ]}
            empty={<EmptyState title={t('importsEmpty')} />}
          />
        </div>
      )}
    </Page>
  );
}
