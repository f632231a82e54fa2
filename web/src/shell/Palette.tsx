import { Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../api/session';
import { useWords } from '../i18n';
import { groupsFor } from './navigation';
import classes from './Palette.module.css';

/** Ctrl+K: to any section by a few letters. */
export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useWords();
  const me = useMe();
  const go = useNavigate();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = groupsFor(me.rights)
    .flatMap((group) => group.sections)
    .map((section) => ({ ...section, title: t(`nav.${section.name}`) }))
    .filter((section) => section.title.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase()));
  const close = () => {
    onClose();
    setTyped('');
    setAt(0);
  };
  const open = (to: string) => {
    close();
    void go({ to });
  };
  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    const chosen = found[at];
    if (event.key === 'Enter' && chosen) open(chosen.to);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding="sm"
      yOffset="14vh"
      centered={false}
      attributes={{ content: { 'aria-label': t('palette') } }}
    >
      <TextInput
        data-autofocus
        value={typed}
        placeholder={t('palette')}
        aria-label={t('palette')}
        onKeyDown={onKey}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
      />
      <ul className={classes.list}>
        {found.map((section, index) => {
          const Icon = section.icon;
          return (
            <li key={section.to}>
              <button type="button" data-at={index === at || undefined} onClick={() => open(section.to)}>
                <Icon size={18} stroke={1.7} />
                {section.title}
              </button>
            </li>
          );
        })}
      </ul>
    </Modal>
  );
}
