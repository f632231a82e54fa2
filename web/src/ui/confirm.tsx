import { modals } from '@mantine/modals';
import type { ReactNode } from 'react';
import { word } from '../i18n';

type Question = { title: string; effect: ReactNode; yes: string; dangerous?: boolean };

/** Asks before what cannot be taken back: names the object and the effect; the button says the verb. */
export function confirm({ title, effect, yes, dangerous = true }: Question): Promise<boolean> {
  return new Promise((answer) => {
    modals.openConfirmModal({
      title,
      children: effect,
      labels: { confirm: yes, cancel: word('do.cancel') },
      confirmProps: { color: dangerous ? 'cranberry' : 'copper' },
      onConfirm: () => answer(true),
      onCancel: () => answer(false),
      onClose: () => answer(false),
    });
  });
}
