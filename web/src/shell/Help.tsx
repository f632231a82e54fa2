import { Modal } from '@mantine/core';
import { useWords } from '../i18n';
import classes from './Help.module.css';

const KEYS = [
  ['Ctrl+K', 'palette'],
  ['/', 'search'],
  ['J, K', 'rows'],
  ['Enter', 'open'],
  ['Esc', 'close'],
  ['Ctrl+Enter', 'send'],
  ['?', 'help'],
] as const;

/** `?`: which keys there are. */
export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useWords();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('help.title')}
      closeButtonProps={{ 'aria-label': t('do.close') }}
    >
      <dl className={classes.keys}>
        {KEYS.map(([key, name]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`help.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
