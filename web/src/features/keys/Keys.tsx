import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { ago, day } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Keys.module.css';
import { NewKey } from './NewKey';
import './words';

type ApiKey = components['schemas']['ApiKey'];

/** A short list is shown whole, a long one scrolls. */
const heightOf = (rows: number) => Math.min(rows * 44 + 46, 700);

/** Keys of programs. */
export default function Keys() {
  const t = useWords('keys');
  const all = api.useQuery('get', '/api/v1/api-keys');
  const revoke = api.useMutation('delete', '/api/v1/api-keys/{id}');
  const [making, setMaking] = useState(false);
  const take = async (key: ApiKey) => {
    const sure = await confirm({
      title: t('revokeTitle', { name: key.name }),
      effect: t('revokeEffect'),
      yes: t('revoke'),
    });
    if (!sure) return;
    revoke.mutate(
      { params: { path: { id: key.id } } },
      {
        onSuccess: () => {
          tell(t('revokedDone'));
          void all.refetch();
        },
        onError: tellProblem,
      },
    );
  };
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      title: t('name'),
      width: 'minmax(150px, 2fr)',
      cell: (one) => (
        <span className={classes.name}>
          {one.name}
          {one.revoked_at && <Chip tone="bad">{t('revoked')}</Chip>}
        </span>
      ),
    },
    {
      key: 'may',
      title: t('may'),
      width: 'minmax(90px, 1fr)',
      wide: true,
      cell: (one) => <span title={one.scopes.join(', ')}>{t('rights', { count: one.scopes.length })}</span>,
    },
    {
      key: 'used',
      title: t('used'),
      width: 'minmax(140px, 1fr)',
      wide: true,
      cell: (one) => (one.last_used_at ? ago(one.last_used_at) : t('never')),
    },
    { key: 'made', title: t('made'), width: '150px', wide: true, cell: (one) => day(one.created_at) },
    {
      key: 'do',
      title: '',
      width: '110px',
      right: true,
      cell: (one) =>
        !one.revoked_at && (
          <Button variant="default" size="xs" onClick={() => void take(one)}>
            {t('revoke')}
          </Button>
        ),
    },
  ];
  return (
    <Page
      title={t('title')}
      actions={
        <>
          <Button component="a" href="/api/v1/openapi.json" target="_blank" variant="default">
            {t('docs')}
          </Button>
          <Button leftSection={<IconPlus size={17} />} onClick={() => setMaking(true)}>
            {t('make')}
          </Button>
        </>
      }
    >
      <p className={classes.muted}>{t('hint')}</p>
      {all.error ? (
        <ErrorNote problem={all.error} retry={() => void all.refetch()} />
      ) : (
        <div style={{ height: heightOf(all.data?.length ?? 5) }}>
          <DataTable
            label={t('label')}
            rows={all.data ?? []}
            loading={all.isPending}
            columns={columns}
            id={(one) => one.id}
            empty={<EmptyState title={t('empty')} hint={t('emptyHint')} />}
          />
        </div>
      )}
      <NewKey opened={making} close={() => setMaking(false)} />
    </Page>
  );
}
