import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import type { Contact } from './model';
import classes from './Sheet.module.css';

/** Erasing cannot be taken back: it begins only after a typed word. */
export function EraseDialog({
  contact,
  opened,
  close,
  done,
}: {
  contact: Contact;
  opened: boolean;
  close: () => void;
  done: () => void;
}) {
  const t = useWords('contacts');
  const [typed, setTyped] = useState('');
  const word = t('erase.word');
  const erase = api.useMutation('delete', '/api/v1/contacts/{id}', {
    onSuccess: () => {
      tell(t('erase.done'));
      done();
    },
    onError: tellProblem,
  });
  return (
    <Modal opened={opened} onClose={close} title={`${t('erase.title')}: ${contact.name || t('noName')}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          erase.mutate({ params: { path: { id: contact.id } } });
        }}
      >
        <p>{t('erase.effect')}</p>
        <TextInput
          label={t('erase.type', { word })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <div className={classes.formEnd}>
          <Button variant="default" onClick={close}>
            {t('do.cancel', { ns: 'common' })}
          </Button>
          <Button
            type="submit"
            color="cranberry"
            loading={erase.isPending}
            disabled={typed.trim().toLowerCase() !== word}
          >
            {t('erase.do')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
