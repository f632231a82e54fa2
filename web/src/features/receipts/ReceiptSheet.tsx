import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { money } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { usePromotion } from '../../lib/promotions';
import { confirm } from '../../ui/confirm';
import { SideSheet } from '../../ui/SideSheet';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { Attempts, Code, GoodsList, Outcome, Person, Signs } from './Details';
import { type Listed, pictureOf, useReceipt, type Whole } from './model';
import { Photo } from './Photo';
import classes from './Receipts.module.css';

/** One receipt: its picture, its fields, its goods, how it was checked, what was decided and why. */
export function ReceiptSheet({
  promotion,
  receipt,
  close,
}: {
  promotion: string;
  receipt?: string;
  close: () => void;
}) {
  const t = useWords('receipts');
  const query = useReceipt(promotion, receipt);
  const known = query.data?.receipt.id === receipt ? query.data : undefined;
  const sum = known?.receipt.sum;
  const title = sum ? t('receiptOf', { sum: money(sum) }) : t('receiptBare');
  return (
    <SideSheet opened={Boolean(receipt)} close={close} title={known ? title : '…'} width={560}>
      {query.error && !known ? (
        <ErrorNote problem={query.error} retry={() => void query.refetch()} />
      ) : known ? (
        <Body promotion={promotion} known={known} />
      ) : (
        <RowsSkeleton rows={6} />
      )}
    </SideSheet>
  );
}

function Body({ promotion, known }: { promotion: string; known: Whole }) {
  const t = useWords('receipts');
  const { receipt } = known;
  return (
    <div>
      <Outcome known={known} />
      {receipt.state === 'person' && (
        <Button
          component={Link}
          to={`/promotions/${promotion}/moderation`}
          search={{ receipt: receipt.id } as never}
          mt={12}
          fullWidth
        >
          {t('act.decide')}
        </Button>
      )}
      {receipt.state === 'refused' && <Overrule promotion={promotion} receipt={receipt} />}
      {receipt.picture && (
        <div className={classes.picture}>
          <Photo src={pictureOf(promotion, receipt.id)} alt={t('photo.alt')} />
        </div>
      )}
      <Code known={known} />
      <Learn promotion={promotion} known={known} />
      <GoodsList known={known} />
      <Signs receipt={receipt} />
      <Attempts known={known} />
      <Person receipt={receipt} />
    </div>
  );
}

/** A refused receipt may still be accepted by a person. */
function Overrule({ promotion, receipt }: { promotion: string; receipt: Listed }) {
  const t = useWords('receipts');
  const client = useQueryClient();
  const may = useMay('moderation');
  const decide = api.useMutation('post', '/api/v1/promotions/{id}/receipts/{rid}/decision', {
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/promotions'),
      }),
    onError: tellProblem,
  });
  if (!may) return null;
  const ask = async () => {
    const sure = await confirm({
      title: t('act.overruleTitle'),
      effect: t('act.overruleEffect'),
      yes: t('act.accept'),
      dangerous: false,
    });
    if (sure)
      decide.mutate({
        params: { path: { id: promotion, rid: receipt.id } },
        body: { accept: true, revision: receipt.revision, note: '' },
      });
  };
  return (
    <Button variant="default" mt={12} loading={decide.isPending} onClick={() => void ask()}>
      {t('act.overrule')}
    </Button>
  );
}

/** The seller of a checked receipt becomes a shop of the promotion. */
function Learn({ promotion, known: { receipt, document } }: { promotion: string; known: Whole }) {
  const t = useWords('receipts');
  const client = useQueryClient();
  const may = useMay('promotions');
  const { data } = usePromotion(promotion);
  const learn = api.useMutation('post', '/api/v1/promotions/{id}/shops', {
    onSuccess: () => {
      tell(t('act.learnt'));
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/promotions/{id}'] });
    },
    onError: tellProblem,
  });
  if (!may || !data || !document || data.terms.shops.some((shop) => shop.inn && shop.inn === document.inn))
    return null;
  return (
    <Button
      variant="light"
      size="xs"
      mt={12}
      loading={learn.isPending}
      onClick={() => learn.mutate({ params: { path: { id: promotion } }, body: { receipt_id: receipt.id } })}
    >
      {t('act.learn')}
    </Button>
  );
}
