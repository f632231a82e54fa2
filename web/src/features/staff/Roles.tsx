import { Button } from '@mantine/core';
import { IconChevronRight, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { capital, useRoles } from './choices';
import { RoleEditor } from './RoleEditor';
import classes from './Staff.module.css';
import { useTabs } from './tabs';

export type RoleRights = components['schemas']['RoleRights'];

/** Roles: ready ones, and the company's own. */
export default function Roles() {
  const t = useWords('staff');
  const tabs = useTabs();
  const { all } = useRoles();
  const [edited, setEdited] = useState<RoleRights | 'new'>();
  return (
    <Page
      title={t('title')}
      tabs={tabs}
      tab="/staff/roles"
      actions={
        <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited('new')}>
          {t('roles.make')}
        </Button>
      }
    >
      {all.error && <ErrorNote problem={all.error} retry={() => void all.refetch()} />}
      {all.isPending && <RowsSkeleton />}
      {all.data && (
        <Card title={t('tabs.roles')} subtitle={t('roles.hint')} bare>
          <ul className={classes.list}>
            {all.data.map((one) => (
              <li key={one.role}>
                <button
                  type="button"
                  className={`${classes.item} ${classes.row}`}
                  onClick={() => setEdited(one)}
                >
                  <span className={classes.text}>
                    <span className={classes.name}>
                      {capital(one.title)}
                      {one.base && <Chip tone="accent">{t('roles.own')}</Chip>}
                    </span>
                    <span className={classes.muted}>
                      {t('roles.rights', { count: one.rights.length })}
                      {one.people !== undefined &&
                        one.people !== null &&
                        ` · ${t('roles.people', { count: one.people })}`}
                    </span>
                  </span>
                  <IconChevronRight size={17} aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {edited && (
        <RoleEditor
          key={edited === 'new' ? 'new' : edited.role}
          role={edited === 'new' ? undefined : edited}
          close={() => setEdited(undefined)}
        />
      )}
    </Page>
  );
}
