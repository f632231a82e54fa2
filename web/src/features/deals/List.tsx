import { language, useWords } from '../../i18n';
import { moment, money, whole } from '../../lib/format';
import { Chip, type Tone } from '../../ui/Chip';
import { type Column, DataTable } from '../../ui/DataTable';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Deals.module.css';
import type { Deal, Pipeline } from './model';
import { useColumn } from './moves';

const TONES: Record<string, Tone> = { open: 'info', success: 'ok', failure: 'plain' };

/** All deals of a pipeline as a table, the youngest first. */
export function List({
  pipeline,
  whose,
  open,
  opened,
}: {
  pipeline: Pipeline;
  whose?: string;
  open: (id: string) => void;
  opened?: string;
}) {
  const t = useWords('deals');
  const list = useColumn(pipeline.key, undefined, whose);
  const stage = (key: string) =>
    pipeline.pipeline.stages.find((one) => one.key === key)?.name[language()] ?? key;
  const columns: Column<Deal>[] = [
    {
      key: 'title',
      title: t('column.title'),
      width: 'minmax(150px, 2fr)',
      cell: (deal) => <strong>{deal.title}</strong>,
    },
    {
      key: 'guest',
      title: t('column.guest'),
      width: 'minmax(110px, 1.3fr)',
      cell: (deal) => deal.contact_name || t('noName'),
    },
    {
      key: 'stage',
      title: t('column.stage'),
      width: '150px',
      wide: true,
      cell: (deal) => <Chip tone={TONES[deal.kind]}>{stage(deal.stage)}</Chip>,
    },
    {
      key: 'sum',
      title: t('column.sum'),
      width: '110px',
      right: true,
      cell: (deal) => (deal.sum ? money(deal.sum) : '—'),
    },
    {
      key: 'points',
      title: t('column.points'),
      width: '90px',
      right: true,
      wide: true,
      cell: (deal) => (deal.points > 0 ? whole(deal.points) : '—'),
    },
    {
      key: 'when',
      title: t('column.when'),
      width: '150px',
      right: true,
      wide: true,
      cell: (deal) => moment(deal.changed_at),
    },
  ];
  if (list.error) return <ErrorNote problem={list.error} retry={() => void list.refetch()} />;
  return (
    <div className={classes.table}>
      <DataTable
        label={t('title')}
        rows={list.data?.pages.flatMap((page) => page.items) ?? []}
        columns={columns}
        id={(deal) => deal.id}
        loading={list.isPending}
        empty={<EmptyState title={t('noDeals')} />}
        open={(deal) => open(deal.id)}
        opened={opened}
        more={() => !list.isFetchingNextPage && void list.fetchNextPage()}
        hasMore={list.hasNextPage}
      />
    </div>
  );
}
