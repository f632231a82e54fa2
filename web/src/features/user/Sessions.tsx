import { Button } from '@mantine/core';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { ago } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Account.module.css';

/** The browsers in which one is signed in. */
export function Sessions() {
  const t = useWords('user');
  const all = api.useQuery('get', '/api/v1/user/sessions');
  const end = api.useMutation('delete', '/api/v1/user/sessions/{id}');
  const endOthers = api.useMutation('delete', '/api/v1/user/sessions');
  const after = (said: string) => ({
    onSuccess: () => {
      tell(said);
      void all.refetch();
    },
    onError: tellProblem,
  });
  const others = (all.data?.length ?? 0) > 1;
  return (
    <Card
      title={t('sessions.title')}
      subtitle={t('sessions.hint')}
      aside={
        others && (
          <Button
            variant="default"
            size="xs"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate({}, after(t('sessions.endedOthers')))}
          >
            {t('sessions.endOthers')}
          </Button>
        )
      }
    >
      {all.error && <ErrorNote problem={all.error} retry={() => void all.refetch()} />}
      {all.isPending && <RowsSkeleton rows={2} />}
      <ul className={classes.sessions}>
        {all.data?.map((one) => (
          <li key={one.id} className={classes.session}>
            <div>
              <p className={classes.device}>
                {one.device || t('sessions.unknown')}
                {one.current && <Chip tone="ok">{t('sessions.here')}</Chip>}
              </p>
              <p className={classes.muted}>
                {t('sessions.line', { address: one.address, ago: ago(one.used_at) })}
              </p>
            </div>
            {!one.current && (
              <Button
                variant="default"
                size="xs"
                onClick={() => end.mutate({ params: { path: { id: one.id } } }, after(t('sessions.ended')))}
              >
                {t('sessions.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
