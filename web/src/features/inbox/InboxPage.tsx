import { useMediaQuery } from '@mantine/hooks';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Suspense, useCallback, useEffect } from 'react';
import { useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import { EmptyState, RowsSkeleton } from '../../ui/States';
import type { Tab, Wanted } from './data';
import classes from './Inbox.module.css';
import { List } from './List';
import './words';

const GuestCard = behind(() => import('./GuestCard'), 'GuestCard');
const Thread = behind(() => import('./Thread'), 'Thread');

const TABS = ['mine', 'free', 'bot', 'all', 'closed', 'snoozed'];

/** What the address says the list shows. */
function useWanted(): [Wanted, (change: Partial<Wanted>) => void] {
  const search = useSearch({ strict: false }) as Record<string, string | boolean | undefined>;
  const go = useNavigate();
  const text = (key: string) => (typeof search[key] === 'string' ? (search[key] as string) : undefined);
  const wanted: Wanted = {
    tab: TABS.includes(text('tab') ?? '') ? (text('tab') as Tab) : 'all',
    q: text('q'),
    channel: text('channel'),
    tag: text('tag'),
    assignee: text('assignee'),
    unread: search.unread === true || undefined,
    waiting: search.waiting === true || undefined,
  };
  const change = useCallback(
    (what: Partial<Wanted>) => {
      const kept = (before: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries({ ...before, ...what }).filter(([, value]) => value !== undefined && value !== ''),
        );
      void go({ to: '.', search: kept as never, replace: true });
    },
    [go],
  );
  return [wanted, change];
}

/** Conversations of all channels: the list, the thread, the guest. */
export default function InboxPage() {
  const t = useWords('inbox');
  const go = useNavigate();
  const { contact, channel } = useParams({ strict: false }) as { contact?: string; channel?: string };
  const [wanted, change] = useWanted();
  const phone = useMediaQuery('(max-width: 860px)') ?? false;
  const wide = useMediaQuery('(min-width: 1320px)') ?? false;
  const place = contact && channel ? { contact_id: contact, channel_id: channel } : undefined;
  const search = useSearch({ strict: false });
  const open = useCallback(
    (one: { contact_id: string; channel_id: string }) =>
      void go({
        to: '/inbox/$contact/$channel',
        params: { contact: one.contact_id, channel: one.channel_id } as never,
        search: search as never,
      }),
    [go, search],
  );
  const leave = () => void go({ to: '/inbox', search: search as never });

  useEffect(() => {
    document.title = `${t('title')} · ${t('common:product')}`;
  }, [t]);
  // The bar of a phone gives way to the conversation.
  useEffect(() => {
    const root = document.documentElement;
    if (phone && contact) root.dataset.immersed = 'true';
    return () => {
      delete root.dataset.immersed;
    };
  }, [phone, contact]);

  return (
    <main className={classes.inbox} id="main" data-card={(place && wide) || undefined}>
      {!(phone && place) && <List wanted={wanted} change={change} open={open} place={place} />}
      {place ? (
        <Suspense
          fallback={
            <div className={classes.nothing}>
              <RowsSkeleton />
            </div>
          }
        >
          <Thread
            key={`${place.contact_id}/${place.channel_id}`}
            place={place}
            leave={leave}
            phone={phone}
            wide={wide}
          />
        </Suspense>
      ) : (
        !phone && (
          <div className={classes.nothing}>
            <EmptyState festive title={t('empty.pick')} hint={t('empty.pickHint')} />
          </div>
        )
      )}
      {place && wide && (
        <aside className={classes.card} aria-label={t('guest')}>
          <Suspense>
            <GuestCard place={place} open={open} />
          </Suspense>
        </aside>
      )}
    </main>
  );
}
