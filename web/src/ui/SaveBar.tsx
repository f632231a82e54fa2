import { Button } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useBlocker } from '@tanstack/react-router';
import { useWords } from '../i18n';
import classes from './SaveBar.module.css';

type SaveBarProps = { changed: boolean; saving?: boolean; save: () => void; discard: () => void };

/** Sticks to the bottom while a form is changed; leaving the page asks first. */
export function SaveBar({ changed, saving, save, discard }: SaveBarProps) {
  const t = useWords();
  const ask = () =>
    new Promise<boolean>((stays) => {
      modals.openConfirmModal({
        title: t('say.leave'),
        children: t('say.leaveHint'),
        labels: { confirm: t('do.discard'), cancel: t('do.stay') },
        confirmProps: { color: 'cranberry' },
        onConfirm: () => stays(false),
        onCancel: () => stays(true),
        onClose: () => stays(true),
      });
    });
  useBlocker({ shouldBlockFn: () => (changed ? ask() : false), enableBeforeUnload: () => changed });
  if (!changed) return null;
  return (
    <section className={classes.bar} aria-label={t('say.unsaved')}>
      <span>{t('say.unsaved')}</span>
      <Button variant="default" onClick={discard} disabled={saving}>
        {t('do.discard')}
      </Button>
      <Button onClick={save} loading={saving}>
        {t('do.save')}
      </Button>
    </section>
  );
}
