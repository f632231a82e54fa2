import { ActionIcon, Menu, Tabs } from '@mantine/core';
import {
  IconArrowMerge,
  IconBan,
  IconDots,
  IconDownload,
  IconEraser,
  IconRosetteDiscountCheck,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { day, phone, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Chip } from '../../ui/Chip';
import { SideSheet } from '../../ui/SideSheet';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { DataTab } from './DataTab';
import { EraseDialog } from './EraseDialog';
import { MergeDialog } from './MergeDialog';
import type { Contact } from './model';
import { PointsTab } from './PointsTab';
import classes from './Sheet.module.css';
import { Story } from './Story';
import { Tags } from './Tags';
import { TradeTab } from './TradeTab';

/** The card of a customer, with an address of its own. */
export function ContactSheet({ id, close }: { id?: string; close: () => void }) {
  const t = useWords('contacts');
  const contact = api.useQuery(
    'get',
    '/api/v1/contacts/{id}',
    { params: { path: { id: id ?? '' } } },
    { enabled: Boolean(id) },
  );
  const known = contact.data?.id === id ? contact.data : undefined;
  return (
    <SideSheet
      opened={Boolean(id)}
      close={close}
      title={known ? known.name || t('noName') : '…'}
      actions={known && <Actions contact={known} close={close} />}
    >
      {contact.error && !known ? (
        <ErrorNote problem={contact.error} retry={() => void contact.refetch()} />
      ) : known ? (
        <Card contact={known} />
      ) : (
        <RowsSkeleton rows={6} />
      )}
    </SideSheet>
  );
}

function Card({ contact }: { contact: Contact }) {
  const t = useWords('contacts');
  const mayPoints = useMay('points_read');
  return (
    <div className={classes.card}>
      <div className={classes.top}>
        <Avatar name={contact.name || '?'} size={56} />
        <div className={classes.who}>
          <p className={classes.phone}>
            {contact.phone ? phone(contact.phone) : t('noPhone')}
            {contact.phone_proved && (
              <IconRosetteDiscountCheck size={16} aria-label={t('proved')} className={classes.proved} />
            )}
          </p>
          <p className={classes.since}>{t('since', { day: day(contact.created_at) })}</p>
        </div>
        {contact.stopped_at && !contact.erased_at && <Chip tone="warn">{t('stopped')}</Chip>}
        {contact.erased_at && <Chip tone="bad">{t('erased')}</Chip>}
      </div>
      {!contact.erased_at && <Tags contact={contact} />}
      {mayPoints && <Balance id={contact.id} />}
      <Tabs defaultValue="story" keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="story">{t('tabs.story')}</Tabs.Tab>
          <Tabs.Tab value="data">{t('tabs.data')}</Tabs.Tab>
          {mayPoints && <Tabs.Tab value="points">{t('tabs.points')}</Tabs.Tab>}
          <Tabs.Tab value="trade">{t('tabs.trade')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="story" pt="md">
          <Story id={contact.id} />
        </Tabs.Panel>
        <Tabs.Panel value="data" pt="md">
          <DataTab contact={contact} />
        </Tabs.Panel>
        {mayPoints && (
          <Tabs.Panel value="points" pt="md">
            <PointsTab id={contact.id} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="trade" pt="md">
          <TradeTab id={contact.id} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

/** The card of the guest with its balance. */
function Balance({ id }: { id: string }) {
  const t = useWords('contacts');
  const wallet = api.useQuery('get', '/api/v1/contacts/{id}/wallet', { params: { path: { id } } });
  if (!wallet.data) return null;
  const { available, held, debt, card_number } = wallet.data;
  return (
    <div className={classes.plastic}>
      <div className={classes.plasticHead}>
        <span>{t('points.card')}</span>
        <span className="num">{card_number?.replace(/(.{4})(?=.)/g, '$1 ') ?? ''}</span>
      </div>
      <p className={classes.sum}>
        <strong>{whole(available)}</strong>
        <span>{t('say.points', { ns: 'common', count: available }).replace(/^\S+\s/, '')}</span>
      </p>
      {(held > 0 || debt > 0) && (
        <p className={classes.plasticNote}>
          {held > 0 && `${t('points.held')}: ${whole(held)} `}
          {debt > 0 && `${t('points.debt')}: ${whole(debt)}`}
        </p>
      )}
    </div>
  );
}

function Actions({ contact, close }: { contact: Contact; close: () => void }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const mayWrite = useMay('contacts_write');
  const mayErase = useMay('contacts_erase');
  const maySee = useMay('personal_data_see');
  const [dialog, setDialog] = useState<'merge' | 'erase'>();
  if (contact.erased_at) return null;
  const path = { params: { path: { id: contact.id } } };
  const refresh = () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/contacts'),
    });
  const silence = async () => {
    if (contact.stopped_at) await fetcher.POST('/api/v1/contacts/{id}/resume', path);
    else await fetcher.POST('/api/v1/contacts/{id}/stop', path);
    void refresh();
    tell(t(contact.stopped_at ? 'silence.undone' : 'silence.done'));
  };
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={t('do.more', { ns: 'common' })}>
            <IconDots size={19} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayWrite && (
            <Menu.Item leftSection={<IconArrowMerge size={16} />} onClick={() => setDialog('merge')}>
              {t('menu.merge')}
            </Menu.Item>
          )}
          {mayWrite && (
            <Menu.Item leftSection={<IconBan size={16} />} onClick={() => void silence().catch(tellProblem)}>
              {t(contact.stopped_at ? 'menu.resume' : 'menu.stop')}
            </Menu.Item>
          )}
          {maySee && (
            <Menu.Item
              component="a"
              href={`/api/v1/contacts/${contact.id}/export`}
              download={`${contact.id}.json`}
              leftSection={<IconDownload size={16} />}
            >
              {t('menu.export')}
            </Menu.Item>
          )}
          {mayErase && (
            <Menu.Item
              color="cranberry"
              leftSection={<IconEraser size={16} />}
              onClick={() => setDialog('erase')}
            >
              {t('menu.erase')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <MergeDialog contact={contact} opened={dialog === 'merge'} close={() => setDialog(undefined)} />
      <EraseDialog
        contact={contact}
        opened={dialog === 'erase'}
        close={() => setDialog(undefined)}
        done={() => {
          setDialog(undefined);
          void refresh();
          close();
        }}
      />
    </>
  );
}
