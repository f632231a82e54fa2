import { CloseButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../i18n';
import { whole } from '../lib/format';
import classes from './BulkBar.module.css';
import { NOTHING, type Selection } from './DataTable';

/** Slides up while rows are chosen and names its scope. */
export function BulkBar({
  selection,
  found,
  select,
  children,
}: {
  selection: Selection;
  found?: number;
  select: (selection: Selection) => void;
  children: ReactNode;
}) {
  const t = useWords();
  const count = selection.ids.size;
  if (!selection.all && count === 0) return null;
  return (
    <section className={classes.bar}>
      <strong>
        {selection.all
          ? t('say.selectedByFilter', { found: whole(found ?? 0) })
          : t('say.selected', { count })}
      </strong>
      <div className={classes.actions}>{children}</div>
      <CloseButton aria-label={t('do.close')} onClick={() => select(NOTHING)} />
    </section>
  );
}
