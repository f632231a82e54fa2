import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Problem } from '../api/client';
import { useWords } from '../i18n';
import classes from './States.module.css';

/** One sentence, one action, one help link. `festive` draws the lattice: large empty states only. */
export function EmptyState({
  title,
  hint,
  action,
  icon,
  festive,
}: {
  title: string;
  hint?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
  festive?: boolean;
}) {
  return (
    <div className={classes.state} data-festive={festive || undefined}>
      {icon && <span className={classes.icon}>{icon}</span>}
      <p className={classes.title}>{title}</p>
      {hint && <p className={classes.hint}>{hint}</p>}
      {action}
    </div>
  );
}

/** «Ничего не нашлось» offers to clear the filters. */
export function NothingFound({ reset }: { reset?: () => void }) {
  const t = useWords();
  return (
    <EmptyState
      title={t('say.nothing')}
      action={
        reset && (
          <Button variant="default" onClick={reset}>
            {t('do.reset')}
          </Button>
        )
      }
    />
  );
}

/** What happened, what to do, «Повторить», and the number of the request. Stands in place of what failed. */
export function ErrorNote({ problem, retry }: { problem: unknown; retry?: () => void }) {
  const t = useWords();
  if (problem instanceof Problem && problem.status === 403) return <NoRight detail={problem.message} />;
  const known = problem instanceof Problem;
  return (
    <div className={classes.state} role="alert">
      <span className={classes.icon} data-bad>
        <IconAlertTriangle size={22} />
      </span>
      <p className={classes.title}>{known ? problem.message : t('say.failed')}</p>
      {!known && <p className={classes.hint}>{t('say.failedHint')}</p>}
      {retry && (
        <Button variant="default" onClick={retry}>
          {t('do.retry')}
        </Button>
      )}
      {known && problem.requestId && (
        <p className={classes.request}>{t('say.request', { id: problem.requestId })}</p>
      )}
    </div>
  );
}

/** Says whom to ask. */
export function NoRight({ right, detail }: { right?: string; detail?: string }) {
  const t = useWords();
  return (
    <EmptyState
      icon={<IconLock size={22} />}
      title={t('say.noRight')}
      hint={detail ?? (right && t('say.noRightHint', { right }))}
    />
  );
}

/** Shows its children only after a moment: what comes at once needs no skeleton. */
export function AfterMoment({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}

/** Rows that are on their way. */
export function RowsSkeleton({ rows = 8, height = 44 }: { rows?: number; height?: number }) {
  const t = useWords();
  return (
    <AfterMoment>
      <div role="status" aria-label={t('say.loading')} className={classes.rows}>
        {Array.from({ length: rows }, (_, row) => row).map((row) => (
          <Skeleton key={row} height={height - 16} radius={9} />
        ))}
      </div>
    </AfterMoment>
  );
}
