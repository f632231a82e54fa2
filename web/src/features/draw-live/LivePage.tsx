import { Button } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Live.module.css';
import { type Protocol, prizesOf, type Show, told } from './model';
import { Stage } from './Stage';
import './words';

/** The screen of a draw, for a stream: dark, without shell, driven by keys. */
export default function LivePage() {
  const { id = '', draw = '' } = useParams({ strict: false }) as { id?: string; draw?: string };
  const t = useWords('draw-live');
  const me = useMe();
  const go = useNavigate();
  const path = { id, draw };
  const seen = api.useQuery('get', '/api/v1/promotions/{id}/draws/{draw}', { params: { path } });
  const held = seen.data?.state === 'drawn' || seen.data?.state === 'published';
  const protocol = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/draws/{draw}/protocol',
    { params: { path }, parseAs: 'text' },
    // What came of a draw never changes: once it is here, the show needs no network.
    { enabled: held, staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY },
  );
  const [rehearsal, setRehearsal] = useState<Show>();
  const [trouble, setTrouble] = useState<unknown>();

  const leave = useCallback(() => {
    if (rehearsal) setRehearsal(undefined);
    else void go({ to: `/promotions/${id}/draws/${draw}` });
  }, [go, id, draw, rehearsal]);
  const rehearse = useCallback(() => {
    setTrouble(undefined);
    fetcher
      .POST('/api/v1/promotions/{id}/draws/{draw}/rehearse', { params: { path: { id, draw } } })
      .then(({ data }) => {
        if (data) setRehearsal(showOf(data.protocol, me.company.name, true));
      })
      .catch(setTrouble);
  }, [id, draw, me.company.name]);

  const show = useMemo(
    () => (protocol.data ? showOf(protocol.data as unknown as string, me.company.name, false) : undefined),
    [protocol.data, me.company.name],
  );
  if (rehearsal) return <Stage key="rehearsal" show={rehearsal} leave={leave} rehearse={rehearse} />;
  if (show) return <Stage key="show" show={show} leave={leave} rehearse={rehearse} />;
  const problem = seen.error ?? protocol.error;
  const open = seen.data?.state === 'planned' || seen.data?.state === 'freezing';
  return (
    <div className={classes.before}>
      {problem ? (
        <ErrorNote problem={problem} retry={() => void (seen.error ? seen : protocol).refetch()} />
      ) : !seen.data || held ? (
        <RowsSkeleton />
      ) : (
        <>
          <h1 className="visually-hidden">{seen.data.name}</h1>
          <EmptyState
            festive
            title={open ? t('notFrozen') : t('notHeld')}
            hint={open ? t('notFrozenHint') : t('notHeldHint')}
            action={
              <div className={classes.choices}>
                <Button onClick={rehearse}>{t('rehearse')}</Button>
                <Button variant="default" onClick={leave}>
                  {t('leave')}
                </Button>
              </div>
            }
          />
          {trouble !== undefined && <ErrorNote problem={trouble} retry={rehearse} />}
        </>
      )}
    </div>
  );
}

/** From the protocol alone: what is shown is what was signed. */
function showOf(file: string, company: string, rehearsal: boolean): Show {
  const protocol = JSON.parse(file) as Protocol;
  const { announcement } = protocol;
  // An id, a blank and the name.
  const named = (line: string) => told(announcement, line).replace(/^\S+ /, '');
  return {
    title: named('draw'),
    company: [company, named('promotion')].filter(Boolean).join(' · '),
    tickets: Number(told(announcement, 'tickets')) || 0,
    prizes: prizesOf(announcement),
    protocol,
    rehearsal,
  };
}
