import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Failed.module.css';
import './words';

/** What did not work by itself, in plain words, and the way to do it again. */
export default function FailedPage() {
  const t = useWords('failed');
  return (
    <Page title={t('title')}>
      <Messages state="failed" />
      <Messages state="unsure" />
      <Events />
    </Page>
  );
}

type ListProps = {
  words: { title: string; subtitle: string; none: string };
  error: unknown;
  again: () => void;
  rows?: ReactNode[];
};

function List({ words, error, again, rows }: ListProps) {
  return (
    <Card bare title={words.title} subtitle={rows?.length ? words.subtitle : undefined}>
      {error ? (
        <ErrorNote problem={error} retry={again} />
      ) : !rows ? (
        <RowsSkeleton rows={2} />
      ) : rows.length === 0 ? (
        <p className={classes.none}>{words.none}</p>
      ) : (
        <ul className={classes.list}>{rows}</ul>
      )}
    </Card>
  );
}

function Messages({ state }: { state: 'failed' | 'unsure' }) {
  const t = useWords('failed');
  const list = api.useQuery('get', '/api/v1/messages', { params: { query: { state, limit: 50 } } });
  const repeat = api.useMutation('post', '/api/v1/messages/{id}/repeat', {
    onSuccess: () => {
      tell(t('repeated'));
      void list.refetch();
    },
    onError: tellProblem,
  });
  const group = state === 'failed' ? 'messages' : 'unsure';
  const words = { title: t(`${group}.title`), subtitle: t(`${group}.subtitle`), none: t(`${group}.none`) };
  const rows = list.data?.items.map((one) => (
    <li key={one.id}>
      <div>
        <p className={classes.text}>{one.text || t('picture')}</p>
        {one.note && <p className={classes.why}>{one.note}</p>}
        <p className={classes.meta}>
          {t(`class.${one.class}`)} · {moment(one.created_at)} · {t('attempts', { count: one.attempts })}
        </p>
      </div>
      <Button
        variant="default"
        size="compact-md"
        loading={repeat.isPending && repeat.variables.params.path.id === one.id}
        onClick={() => repeat.mutate({ params: { path: { id: one.id } } })}
      >
        {t('messages.again')}
      </Button>
    </li>
  ));
  return <List words={words} error={list.error} again={() => void list.refetch()} rows={rows} />;
}

function Events() {
  const t = useWords('failed');
  const list = api.useQuery('get', '/api/v1/events/dead', { params: { query: { limit: 50 } } });
  const repeat = api.useMutation('post', '/api/v1/events/repeat', {
    onSuccess: () => void list.refetch(),
    onError: tellProblem,
  });
  const words = { title: t('events.title'), subtitle: t('events.subtitle'), none: t('events.none') };
  const rows = list.data?.items.map((one) => (
    <li key={`${one.channel_id}/${one.dedup}`}>
      <div>
        <p>{t(`events.source.${one.source}`)}</p>
        {one.note && <p className={classes.why}>{one.note}</p>}
        <p className={classes.meta}>{moment(one.received_at)}</p>
      </div>
      <Button
        variant="default"
        size="compact-md"
        onClick={() => repeat.mutate({ body: { channel_id: one.channel_id, dedup: one.dedup } })}
      >
        {t('events.again')}
      </Button>
    </li>
  ));
  return <List words={words} error={list.error} again={() => void list.refetch()} rows={rows} />;
}
