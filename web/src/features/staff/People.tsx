import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { day } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote } from '../../ui/States';
import { capital } from './choices';
import { Invite } from './Invite';
import { Person } from './Person';
import classes from './Staff.module.css';
import { useTabs } from './tabs';

export type Staff = components['schemas']['Staff'];

/** A short list is shown whole, a long one scrolls. */
const heightOf = (rows: number) => Math.min(rows * 44 + 46, 620);

/** Everybody who works here, and those who are invited. */
export default function People() {
  const t = useWords('staff');
  const tabs = useTabs();
  const go = useNavigate();
  const { person } = useSearch({ strict: false }) as { person?: string };
  const [inviting, setInviting] = useState(false);
  const all = api.useQuery('get', '/api/v1/staff');
  const shown = all.data?.find((one) => one.id === person);
  const open = (id?: string) => void go({ to: '/staff', search: (id ? { person: id } : {}) as never });
  const columns: Column<Staff>[] = [
    {
      key: 'name',
      title: t('people.name'),
      width: 'minmax(180px, 2fr)',
      cell: (one) => (
        <span className={classes.person}>
          <Avatar name={one.name} size={28} />
          <span>{one.name}</span>
          {one.disabled_at && <Chip tone="bad">{t('people.off')}</Chip>}
        </span>
      ),
    },
    {
      key: 'role',
      title: t('people.role'),
      width: 'minmax(120px, 1fr)',
      cell: (one) => capital(one.role_title),
    },
    {
      key: 'where',
      title: t('people.where'),
      width: 'minmax(120px, 1fr)',
      wide: true,
      cell: (one) => (one.signs_in ? t('people.console') : t('people.bot')),
    },
    {
      key: 'sees',
      title: t('people.sees'),
      width: 'minmax(110px, 1fr)',
      wide: true,
      cell: (one) => (one.channels ? t('people.some', { count: one.channels.length }) : t('people.all')),
    },
    {
      key: 'since',
      title: t('people.since'),
      width: '150px',
      wide: true,
      cell: (one) => day(one.created_at),
    },
  ];
  return (
    <Page
      title={t('title')}
      tabs={tabs}
      tab="/staff"
      actions={
        <Button leftSection={<IconUserPlus size={17} />} onClick={() => setInviting(true)}>
          {t('invite.do')}
        </Button>
      }
    >
      {all.error ? (
        <ErrorNote problem={all.error} retry={() => void all.refetch()} />
      ) : (
        <div style={{ height: heightOf(all.data?.length ?? 5) }}>
          <DataTable
            label={t('people.label')}
            rows={all.data ?? []}
            loading={all.isPending}
            columns={columns}
            id={(one) => one.id}
            open={(one) => open(one.id)}
            opened={person}
            empty={<EmptyState title={t('people.empty')} />}
          />
        </div>
      )}
      <Invitations />
      <Invite opened={inviting} close={() => setInviting(false)} />
      <Person person={shown} close={() => open()} />
    </Page>
  );
}

function Invitations() {
  const t = useWords('staff');
  const all = api.useQuery('get', '/api/v1/staff-invitations', { params: { query: { limit: 50 } } });
  const revoke = api.useMutation('post', '/api/v1/staff-invitations/{id}/revoke');
  const open = all.data?.items.filter((one) => one.state === 'open') ?? [];
  if (open.length === 0) return null;
  const take = async (id: string, name: string) => {
    const sure = await confirm({
      title: t('invitations.revokeTitle'),
      effect: t('invitations.revokeEffect', { name }),
      yes: t('invitations.revoke'),
    });
    if (!sure) return;
    revoke.mutate(
      { params: { path: { id } } },
      {
        onSuccess: () => {
          tell(t('invitations.revoked'));
          void all.refetch();
        },
        onError: tellProblem,
      },
    );
  };
  return (
    <Card title={t('invitations.title')} bare>
      <ul className={classes.list}>
        {open.map((one) => (
          <li key={one.id} className={classes.item}>
            <Avatar name={one.name} size={28} />
            <div className={classes.text}>
              <p className={classes.name}>{one.name}</p>
              <p className={classes.muted}>
                {t('invitations.line', { role: capital(one.role_title), until: day(one.expires_at) })}
              </p>
            </div>
            <Button variant="default" size="xs" onClick={() => void take(one.id, one.name)}>
              {t('invitations.revoke')}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
