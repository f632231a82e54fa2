import { Button } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { moment, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Broadcasts.module.css';
import './words';

export type Broadcast = components['schemas']['Broadcast'];

const TONES: Record<Broadcast['state'], Tone> = {
  draft: 'plain',
  planned: 'info',
  running: 'accent',
  paused: 'warn',
  done: 'ok',
  stopped: 'bad',
};

/** Where a broadcast stands. */
export function StateChip({ state }: { state: Broadcast['state'] }) {
  const t = useWords('broadcasts');
  return <Chip tone={TONES[state]}>{t(`state.${state}`)}</Chip>;
}

/** Messages to many: what was sent, what is on its way, what is being written. */
export default function BroadcastsPage() {
  const t = useWords('broadcasts');
  const go = useNavigate();
  const list = api.useQuery(
    'get',
    '/api/v1/broadcasts',
    { params: { query: { limit: 200 } } },
    {
      refetchInterval: (query) =>
        query.state.data?.items.some((one) => one.state === 'running') ? 3_000 : false,
    },
  );
  const create = (
    <Button component={Link} to="/broadcasts/$id" params={{ id: 'new' } as never}>
      {t('create')}
    </Button>
  );
  const rows = list.data?.items ?? [];
  return (
    <Page title={t('title')} full actions={rows.length ? create : undefined}>
      {list.error ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : (
        <Card bare>
          <div className={classes.table}>
            <DataTable
              label={t('title')}
              rows={rows}
              loading={list.isPending}
              id={(row) => row.id}
              open={(row) => void go({ to: '/broadcasts/$id', params: { id: row.id } as never })}
              empty={
                <EmptyState
                  icon={<IconSend size={22} />}
                  title={t('empty')}
                  hint={t('emptyHint')}
                  action={create}
                />
              }
              columns={[
                {
                  key: 'name',
                  title: t('column.name'),
                  width: 'minmax(0, 2fr)',
                  cell: (row) => row.name || t('untitled'),
                },
                {
                  key: 'state',
                  title: t('column.state'),
                  width: '140px',
                  cell: (row) => <StateChip state={row.state} />,
                },
                {
                  key: 'sent',
                  title: t('column.sent'),
                  width: '160px',
                  right: true,
                  wide: true,
                  cell: (row) =>
                    row.state === 'draft'
                      ? ''
                      : t('of', { sent: whole(row.queued), total: whole(row.total) }),
                },
                {
                  key: 'when',
                  title: t('column.when'),
                  width: '180px',
                  right: true,
                  wide: true,
                  cell: (row) => moment(row.started_at ?? row.starts_at ?? row.created_at),
                },
              ]}
            />
          </div>
        </Card>
      )}
    </Page>
  );
}
