import './words';
import { Button } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconUserSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { Desk } from './Desk';
import { Finder } from './Finder';
import { GuestCard } from './GuestCard';
import { History } from './History';
import classes from './Till.module.css';

/** The operations desk: find a guest, give, take, book a purchase. Works by keyboard alone. */
export default function TillPage() {
  const t = useWords('till');
  const go = useNavigate();
  const { guest } = useSearch({ strict: false }) as { guest?: string };
  const choose = (id: string | undefined) =>
    void go({ to: '/till', search: (id ? { guest: id } : {}) as never });
  // A dialog takes Esc for itself.
  const next = () => guest && !document.querySelector('[role="dialog"]') && choose(undefined);
  useHotkeys([['Escape', next]], []);
  return (
    <Page
      title={t('title')}
      actions={
        guest && (
          <Button
            variant="default"
            onClick={() => choose(undefined)}
            leftSection={<IconUserSearch size={17} />}
          >
            {t('next')}
          </Button>
        )
      }
    >
      {guest ? (
        <Guest key={guest} id={guest} leave={() => choose(undefined)} />
      ) : (
        <div className={classes.start}>
          <Finder choose={choose} />
        </div>
      )}
    </Page>
  );
}

function Guest({ id, leave }: { id: string; leave: () => void }) {
  const t = useWords('till');
  // In one column the guest stands first, then what is done for them.
  const narrow = useMediaQuery('(max-width: 1020px)');
  const path = { params: { path: { id } } };
  const contact = api.useQuery('get', '/api/v1/contacts/{id}', path);
  const wallet = api.useQuery('get', '/api/v1/contacts/{id}/wallet', path);
  const error = contact.error ?? wallet.error;
  if (error) {
    return (
      <Card>
        <ErrorNote problem={error} retry={() => void Promise.all([contact.refetch(), wallet.refetch()])} />
        <EmptyState title="" action={<Button onClick={leave}>{t('next')}</Button>} />
      </Card>
    );
  }
  if (!contact.data || !wallet.data) return <RowsSkeleton rows={6} height={60} />;
  const desk = <Desk contact={contact.data} wallet={wallet.data} />;
  const card = <GuestCard contact={contact.data} wallet={wallet.data} />;
  if (narrow) {
    return (
      <>
        {card}
        {desk}
        <History contact={id} />
      </>
    );
  }
  return (
    <>
      <Cell span={7}>{desk}</Cell>
      <Cell span={5}>
        <div className={classes.side}>
          {card}
          <History contact={id} />
        </div>
      </Cell>
    </>
  );
}
