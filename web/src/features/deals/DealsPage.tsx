import './words';
import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconLayoutKanban, IconSettings } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Suspense } from 'react';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import { FilterBar } from '../../ui/FilterBar';
import { Page } from '../../ui/Page';
import { SideSheet } from '../../ui/SideSheet';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { Board } from './Board';
import { asPipelines } from './model';

const DealCard = behind(() => import('./DealCard'), 'DealCard');
const List = behind(() => import('./List'), 'List');

type Search = { pipeline?: string; whose?: string; view?: 'table'; deal?: string };

/** Deals on their way: a board, or a table. */
export default function DealsPage() {
  const t = useWords('deals');
  const go = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const at = (next: Search) => void go({ to: '/deals', search: { ...search, ...next } as never });
  const query = api.useQuery('get', '/api/v1/pipelines', {}, { select: asPipelines });
  const maySeeStaff = useMay('staff_manage');
  const staff = api.useQuery('get', '/api/v1/staff', {}, { enabled: maySeeStaff, staleTime: 60_000 });
  const pipelines = query.data ?? [];
  const pipeline = pipelines.find((one) => one.key === search.pipeline) ?? pipelines[0];
  const open = (deal: string | undefined) => at({ deal });
  const settings = (
    <Button component={Link} to="/deals/pipelines" variant="default" leftSection={<IconSettings size={17} />}>
      {t('pipelines')}
    </Button>
  );
  return (
    <Page title={t('title')} actions={pipeline && settings} full={pipeline !== undefined}>
      {query.error && <ErrorNote problem={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <RowsSkeleton rows={6} height={90} />}
      {query.data && !pipeline && (
        <EmptyState
          festive
          icon={<IconLayoutKanban size={24} />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={settings}
        />
      )}
      {pipeline && (
        <>
          <FilterBar
            aside={
              <SegmentedControl
                value={search.view ?? 'board'}
                onChange={(view) => at({ view: view === 'table' ? 'table' : undefined })}
                aria-label={t('title')}
                data={[
                  { value: 'board', label: t('board') },
                  { value: 'table', label: t('table') },
                ]}
              />
            }
          >
            <Select
              aria-label={t('pipeline')}
              value={pipeline.key}
              onChange={(key) => key && at({ pipeline: key })}
              data={pipelines.map((one) => ({ value: one.key, label: one.pipeline.name[language()] }))}
              allowDeselect={false}
            />
            {maySeeStaff && (
              <Select
                aria-label={t('whose')}
                placeholder={t('anybody')}
                clearable
                value={search.whose ?? null}
                onChange={(whose) => at({ whose: whose ?? undefined })}
                data={
                  staff.data?.map((one) => ({ value: one.id, label: one.name || one.email || one.id })) ?? []
                }
              />
            )}
          </FilterBar>
          {search.view === 'table' ? (
            <Suspense fallback={<RowsSkeleton />}>
              <List
                key={pipeline.key}
                pipeline={pipeline}
                whose={search.whose}
                open={open}
                opened={search.deal}
              />
            </Suspense>
          ) : (
            <Board key={pipeline.key} pipeline={pipeline} whose={search.whose} open={open} />
          )}
        </>
      )}
      <SideSheet opened={search.deal !== undefined} close={() => open(undefined)} title={t('column.title')}>
        {search.deal && (
          <Suspense fallback={<RowsSkeleton />}>
            <DealCard key={search.deal} id={search.deal} pipelines={pipelines} staff={staff.data ?? []} />
          </Suspense>
        )}
      </SideSheet>
    </Page>
  );
}
