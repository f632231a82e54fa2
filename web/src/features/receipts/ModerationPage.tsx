import './words';
import { SegmentedControl } from '@mantine/core';
import { IconReceipt } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { Queue } from './Queue';

/** What waits for a person, promotion after promotion. */
export default function ModerationPage() {
  const t = useWords('receipts');
  const go = useNavigate();
  const asked = useSearch({ strict: false }) as { promotion?: string };
  const list = api.useQuery('get', '/api/v1/promotions', { params: { query: { limit: 100 } } });
  const open = (list.data?.items ?? []).filter(
    (one) => one.moderation > 0 || one.state === 'running' || one.state === 'test',
  );
  const chosen =
    open.find((one) => one.id === asked.promotion) ??
    [...open].sort((one, other) => other.moderation - one.moderation)[0];
  return (
    <Page title={t('moderation.title')} full>
      {list.error ? (
        <>
          <div />
          <ErrorNote problem={list.error} retry={() => void list.refetch()} />
        </>
      ) : !list.data ? (
        <RowsSkeleton rows={8} />
      ) : !chosen ? (
        <>
          <div />
          <EmptyState
            icon={<IconReceipt size={22} />}
            title={t('moderation.noPromotions')}
            hint={t('moderation.emptyHint')}
          />
        </>
      ) : (
        <>
          {open.length > 1 ? (
            <SegmentedControl
              aria-label={t('moderation.promotion')}
              value={chosen.id}
              onChange={(promotion) => void go({ to: '.', search: { promotion } as never })}
              data={open.map((one) => ({
                value: one.id,
                label: one.moderation ? `${one.name} · ${one.moderation}` : one.name,
              }))}
            />
          ) : (
            <div />
          )}
          <Queue key={chosen.id} promotion={chosen.id} waiting={chosen.moderation} />
        </>
      )}
    </Page>
  );
}
