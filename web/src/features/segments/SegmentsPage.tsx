import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { recent } from '../../lib/format';
import { useSaid } from '../../ui/condition/say';
import { DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Segments.module.css';
import './words';

type Segment = components['schemas']['Segment'];

/** Conditions with names. */
export default function SegmentsPage() {
  const t = useWords('segments');
  const go = useNavigate();
  const said = useSaid();
  const mayWrite = useMay('segments_write');
  const segments = api.useQuery('get', '/api/v1/segments', { params: { query: { limit: 200 } } });
  const create = mayWrite && (
    <Button component={Link} to="/segments/new" leftSection={<IconPlus size={17} />}>
      {t('create')}
    </Button>
  );
  return (
    <Page full title={t('title')} actions={create}>
      <div />
      {segments.error && !segments.data ? (
        <ErrorNote problem={segments.error} retry={() => void segments.refetch()} />
      ) : (
        <DataTable<Segment>
          label={t('title')}
          rows={segments.data?.items ?? []}
          loading={segments.isPending}
          id={(row) => row.id}
          open={(row) => void go({ to: '/segments/$id', params: { id: row.id } })}
          columns={[
            {
              key: 'name',
              title: t('name'),
              width: 'minmax(160px, 1fr)',
              cell: (row) => <strong className={classes.name}>{row.name}</strong>,
            },
            {
              key: 'who',
              title: t('who'),
              width: 'minmax(200px, 2fr)',
              wide: true,
              cell: (row) => (
                <span className={classes.who} title={said(row.condition as never)}>
                  {said(row.condition as never)}
                </span>
              ),
            },
            { key: 'changed', title: t('changed'), width: '120px', cell: (row) => recent(row.updated_at) },
          ]}
          empty={<EmptyState title={t('emptyTitle')} hint={t('emptyHint')} action={create} />}
        />
      )}
    </Page>
  );
}
