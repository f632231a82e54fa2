import './words';
import { Button, Select } from '@mantine/core';
import { IconReceipt, IconX } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { moment, money, whole } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import { type Column, DataTable } from '../../ui/DataTable';
import { FilterBar } from '../../ui/FilterBar';
import { PromotionPage } from '../../ui/PromotionPage';
import { EmptyState, ErrorNote, NothingFound } from '../../ui/States';
import { tillTime } from './Details';
import {
  type Listed,
  type Reason,
  reasonOf,
  STATES,
  type State,
  TONES,
  useAsked,
  useReceipts,
} from './model';
import { ReceiptSheet } from './ReceiptSheet';
import classes from './Receipts.module.css';
import { usePromotionWords } from './usePromotionWords';

/** Every receipt that was sent, with its own drawer. */
export default function ReceiptsPage() {
  return (
    <PromotionPage tab="receipts" full>
      {(promotion) => <Receipts promotion={promotion.id} />}
    </PromotionPage>
  );
}

function Receipts({ promotion }: { promotion: string }) {
  const t = useWords('receipts');
  const { receipt } = useParams({ strict: false }) as { receipt?: string };
  const go = useNavigate();
  const [asked, change] = useAsked();
  const { reasons } = usePromotionWords();
  const rows = useReceipts(promotion, asked);
  const all = useMemo(() => rows.data?.pages.flatMap((page) => page.items) ?? [], [rows.data]);
  const columns = useColumns();
  const filtered = Object.keys(asked).length > 0;
  const at = (id?: string) =>
    void go({
      to: id ? '/promotions/$id/receipts/$receipt' : '/promotions/$id/receipts',
      params: { id: promotion, receipt: id } as never,
      search: asked as never,
    });
  return (
    <>
      <FilterBar>
        <Select
          className={classes.filter}
          aria-label={t('filter.state')}
          placeholder={t('any.state')}
          data={STATES.map((value) => ({ value, label: t(`states.${value}`) }))}
          value={asked.state ?? null}
          onChange={(state) => change({ state: (state as State) ?? undefined, reason: undefined })}
          clearable
        />
        {(asked.state === 'refused' || asked.state === 'person') && (
          <Select
            className={classes.filter}
            aria-label={t('filter.reason')}
            placeholder={t('any.reason')}
            data={reasons
              .filter((one) => one.waits === (asked.state === 'person'))
              .map((one) => ({ value: one.code, label: one.title }))}
            value={asked.reason ?? null}
            onChange={(reason) => change({ reason: (reason as Reason) ?? undefined })}
            clearable
            searchable
          />
        )}
        {asked.contact_id && (
          <Button
            variant="light"
            rightSection={<IconX size={15} />}
            onClick={() => change({ contact_id: undefined })}
          >
            {all[0]?.contact_name || t('filter.person')}
          </Button>
        )}
      </FilterBar>
      {rows.error && all.length === 0 ? (
        <ErrorNote problem={rows.error} retry={() => void rows.refetch()} />
      ) : (
        <DataTable<Listed>
          label={t('title')}
          rows={all}
          columns={columns}
          id={(row) => row.id}
          loading={rows.isPending}
          open={(row) => at(row.id)}
          opened={receipt}
          more={() => !rows.isFetchingNextPage && void rows.fetchNextPage()}
          hasMore={rows.hasNextPage}
          empty={
            filtered ? (
              <NothingFound
                reset={() => change({ state: undefined, reason: undefined, contact_id: undefined })}
              />
            ) : (
              <EmptyState icon={<IconReceipt size={22} />} title={t('empty')} hint={t('emptyHint')} />
            )
          }
        />
      )}
      <ReceiptSheet promotion={promotion} receipt={receipt} close={() => at()} />
    </>
  );
}

function useColumns(): Column<Listed>[] {
  const t = useWords('receipts');
  const zone = useMe().zone;
  return [
    {
      key: 'arrived',
      title: t('column.arrived'),
      width: 'minmax(112px, 140px)',
      cell: (row) => moment(row.arrived_at, zone),
    },
    {
      key: 'person',
      title: t('column.person'),
      width: 'minmax(140px, 1.4fr)',
      wide: true,
      cell: (row) => row.contact_name || t('noName'),
    },
    {
      key: 'bought',
      title: t('column.bought'),
      width: '140px',
      wide: true,
      cell: (row) => (row.bought_at ? tillTime(row.bought_at) : '—'),
    },
    {
      key: 'sum',
      title: t('column.sum'),
      width: '92px',
      right: true,
      cell: (row) => (row.sum === undefined || row.sum === null ? '—' : money(row.sum)),
    },
    {
      key: 'state',
      title: t('column.state'),
      width: 'minmax(132px, 2fr)',
      cell: (row) => (
        <span className={classes.state}>
          <Chip tone={TONES[row.state as State]}>{t(`states.${row.state}`)}</Chip>
          {row.reason && <span className={classes.reason}>{reasonOf(row)}</span>}
        </span>
      ),
    },
    {
      key: 'ticket',
      title: t('column.ticket'),
      width: '90px',
      right: true,
      wide: true,
      cell: (row) => (row.ticket ? whole(row.ticket) : ''),
    },
    {
      key: 'score',
      title: t('column.score'),
      width: '110px',
      right: true,
      wide: true,
      cell: (row) => (row.score > 0 ? <Chip tone={row.score >= 60 ? 'bad' : 'warn'}>{row.score}</Chip> : ''),
    },
  ];
}
