import './words';
import { Button } from '@mantine/core';
import { IconPlus, IconReceiptTax, IconTicket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import type { Promotion } from '../../lib/promotions';
import { Card } from '../../ui/Card';
import { Cell } from '../../ui/Page';
import { PromotionPage } from '../../ui/PromotionPage';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { type Draw, StateChip } from './parts';
import { Tray } from './Tray';
import tray from './Tray.module.css';

const DrawForm = behind(() => import('./DrawForm'), 'DrawForm');

/** The draws of a promotion: what is planned, what waits, who won. */
export default function DrawsPage() {
  const t = useWords('draws');
  const [planning, setPlanning] = useState(false);
  const plan = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setPlanning(true)}>
      {t('plan')}
    </Button>
  );
  return (
    <PromotionPage
      tab="draws"
      actions={() => (
        <>
          <Button variant="default" component={Link} to="/prizes" leftSection={<IconReceiptTax size={17} />}>
            {t('journal')}
          </Button>
          {plan}
        </>
      )}
    >
      {(promotion) => (
        <>
          <Draws promotion={promotion} />
          <Suspense>
            {planning && <DrawForm promotion={promotion} close={() => setPlanning(false)} />}
          </Suspense>
        </>
      )}
    </PromotionPage>
  );
}

function Draws({ promotion }: { promotion: Promotion }) {
  const t = useWords('draws');
  const list = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/draws',
    { params: { path: { id: promotion.id }, query: { limit: 100 } } },
    {
      refetchInterval: (query) =>
        query.state.data?.items.some((one) => one.state === 'freezing') ? 2_000 : false,
    },
  );
  if (list.error && !list.data) return <ErrorNote problem={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <RowsSkeleton rows={3} height={140} />;
  if (list.data.items.length === 0) {
    return (
      <Card>
        <EmptyState festive icon={<IconTicket size={22} />} title={t('empty')} hint={t('emptyHint')} />
      </Card>
    );
  }
  return list.data.items.map((draw) => (
    <Cell key={draw.id} span={6}>
      <One draw={draw} />
    </Cell>
  ));
}

function One({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  const to = `/promotions/${draw.promotion}/draws/${draw.id}`;
  return (
    <Tray
      draw={draw}
      title={
        <>
          <Link to={to}>{draw.name}</Link> <StateChip state={draw.state} />
        </>
      }
    >
      <Button className={tray.quiet} component={Link} to={to}>
        {t('do.open', { ns: 'common' })}
      </Button>
    </Tray>
  );
}
