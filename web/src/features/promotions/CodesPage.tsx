import './words';
import { Button, Menu } from '@mantine/core';
import { IconDiscount, IconDots, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { PromotionPage } from '../../ui/PromotionPage';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { Given } from './Given';
import { PoolForm } from './PoolForm';
import classes from './Promotions.module.css';
import { Upload } from './Upload';

export type Pool = components['schemas']['CodePool'];

type Dialog = { what: 'form'; pool?: Pool } | { what: 'upload' | 'given'; pool: Pool };

/** Partners' codes: how many are left, and bringing new ones. */
export default function CodesPage() {
  const t = useWords('promotions');
  const [dialog, setDialog] = useState<Dialog>();
  return (
    <PromotionPage
      tab="codes"
      actions={() => (
        <Button leftSection={<IconPlus size={17} />} onClick={() => setDialog({ what: 'form' })}>
          {t('codes.add')}
        </Button>
      )}
    >
      {(promotion) => <Pools promotion={promotion.id} dialog={dialog} show={setDialog} />}
    </PromotionPage>
  );
}

type PoolsProps = { promotion: string; dialog?: Dialog; show: (dialog?: Dialog) => void };

function Pools({ promotion, dialog, show }: PoolsProps) {
  const t = useWords('promotions');
  const client = useQueryClient();
  const list = api.useQuery('get', '/api/v1/promotions/{id}/pools', { params: { path: { id: promotion } } });
  const again = () => void client.invalidateQueries({ queryKey: ['get', '/api/v1/promotions/{id}/pools'] });
  const clear = api.useMutation('delete', '/api/v1/promotions/{id}/pools/{pool}/codes', {
    onSuccess: ({ removed }) => {
      tell(t('codes.cleared', { removed: whole(removed) }));
      again();
    },
    onError: tellProblem,
  });
  const askClear = async (pool: Pool) => {
    const sure = await confirm({
      title: t('codes.clearTitle'),
      effect: t('codes.clearEffect', { given: whole(pool.given) }),
      yes: t('codes.clear'),
    });
    if (sure) clear.mutate({ params: { path: { id: promotion, pool: pool.id } } });
  };
  if (list.error && !list.data) return <ErrorNote problem={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <RowsSkeleton rows={4} height={80} />;
  const close = () => show(undefined);
  return (
    <>
      <p className={classes.note}>
        {t('codes.hint')}
        {list.data.owed > 0 && (
          <>
            {' '}
            <Chip tone="bad">{t('codes.owed', { count: list.data.owed })}</Chip>
          </>
        )}
      </p>
      {list.data.items.length === 0 ? (
        <EmptyState icon={<IconDiscount size={22} />} title={t('codes.empty')} hint={t('codes.emptyHint')} />
      ) : (
        <ul className={classes.pools}>
          {list.data.items.map((pool, at) => (
            <li key={pool.id}>
              <Card
                title={pool.partner || t('codes.order', { place: at + 1 })}
                subtitle={t('codes.left', { left: whole(pool.left), all: whole(pool.total) })}
                aside={<Level pool={pool} />}
              >
                <div className={classes.form}>
                  <div className={classes.bar} aria-hidden>
                    <span style={{ width: `${pool.total ? (pool.left / pool.total) * 100 : 0}%` }} />
                  </div>
                  <div className={classes.tools}>
                    <Button variant="default" size="xs" onClick={() => show({ what: 'upload', pool })}>
                      {t('codes.upload')}
                    </Button>
                    <Button variant="default" size="xs" onClick={() => show({ what: 'form', pool })}>
                      {t('codes.edit')}
                    </Button>
                    <Menu>
                      <Menu.Target>
                        <Button variant="default" size="xs" aria-label={t('do.more', { ns: 'common' })}>
                          <IconDots size={16} />
                        </Button>
                      </Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item onClick={() => show({ what: 'given', pool })}>{t('codes.who')}</Menu.Item>
                        <Menu.Item
                          color="cranberry"
                          disabled={pool.left === 0}
                          onClick={() => void askClear(pool)}
                        >
                          {t('codes.clear')}
                        </Menu.Item>
                      </Menu.Dropdown>
                    </Menu>
                  </div>
                </div>
              </Card>
            </li>
          ))}
        </ul>
      )}
      {dialog?.what === 'form' && (
        <PoolForm
          promotion={promotion}
          pool={dialog.pool}
          close={close}
          done={(made) => {
            again();
            show(dialog.pool ? undefined : { what: 'upload', pool: made });
          }}
        />
      )}
      {dialog?.what === 'upload' && (
        <Upload promotion={promotion} pool={dialog.pool} close={close} done={again} />
      )}
      {dialog?.what === 'given' && <Given promotion={promotion} pool={dialog.pool} close={close} />}
    </>
  );
}

function Level({ pool }: { pool: Pool }) {
  const t = useWords('promotions');
  if (pool.total === 0) return null;
  if (pool.left === 0) return <Chip tone="bad">{t('codes.over')}</Chip>;
  if (pool.left <= pool.low_at) return <Chip tone="warn">{t('codes.lowNow')}</Chip>;
  return null;
}
