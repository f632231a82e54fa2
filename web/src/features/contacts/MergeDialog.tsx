import { Button, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher, Problem } from '../../api/client';
import { language, useWords } from '../../i18n';
import { phone, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Chip } from '../../ui/Chip';
import { SearchField } from '../../ui/FilterBar';
import type { Contact } from './model';
import classes from './Sheet.module.css';

/** Two rows that are one person: who is taken in, what becomes of it, and the way back. */
export function MergeDialog({
  contact,
  opened,
  close,
}: {
  contact: Contact;
  opened: boolean;
  close: () => void;
}) {
  const t = useWords('contacts');
  return (
    <Modal opened={opened} onClose={close} title={t('merge.title')} size="lg">
      {opened && <MergeForm contact={contact} close={close} />}
    </Modal>
  );
}

function MergeForm({ contact, close }: { contact: Contact; close: () => void }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const [words, setWords] = useState('');
  const [other, setOther] = useState<Contact>();
  const path = { path: { id: contact.id } };
  const found = api.useQuery(
    'post',
    '/api/v1/contacts/search',
    { body: { words, sort: 'created', descending: true, limit: 20 } },
    { enabled: words.trim().length > 1 },
  );
  const preview = api.useQuery(
    'post',
    '/api/v1/contacts/{id}/merges/preview',
    { params: path, body: { gone: other?.id ?? '' } },
    { enabled: Boolean(other) },
  );
  const refresh = () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) =>
        String(queryKey[1]).startsWith('/api/v1/contacts') || queryKey[0] === 'timeline',
    });
  const merge = api.useMutation('post', '/api/v1/contacts/{id}/merges', {
    onSuccess: (made) => {
      void refresh();
      close();
      const undo = async () => {
        await fetcher.POST('/api/v1/merges/{id}/undo', { params: { path: { id: made.id } } });
        void refresh();
        tell(t('merge.undone'));
      };
      tell(t('merge.done'), {
        label: t('do.undo', { ns: 'common' }),
        run: () => void undo().catch(tellProblem),
      });
    },
  });
  const rows = found.data?.items.map((row) => row.contact).filter((one) => one.id !== contact.id) ?? [];
  const wrong = preview.data?.problems[0];
  return (
    <div className={classes.form}>
      <p>{t('merge.intro', { name: contact.name || contact.phone || t('noName') })}</p>
      <SearchField value={words} onChange={setWords} placeholder={t('merge.search')} />
      {words.trim().length > 1 && (
        <div className={classes.found}>
          {found.isSuccess && rows.length === 0 && <p className={classes.note}>{t('merge.nobody')}</p>}
          {rows.map((one) => (
            <button
              key={one.id}
              type="button"
              className={classes.choice}
              data-chosen={one.id === other?.id || undefined}
              aria-pressed={one.id === other?.id}
              onClick={() => setOther(one)}
            >
              <Avatar name={one.name || '?'} size={32} />
              <span>
                {one.name || t('noName')}
                <br />
                <span className={classes.note}>{one.phone ? phone(one.phone) : t('noPhone')}</span>
              </span>
            </button>
          ))}
        </div>
      )}
      {preview.data && (
        <div className={classes.preview}>
          <h3 className={classes.note}>{t('merge.becomes')}</h3>
          <strong>{preview.data.contact.name || t('noName')}</strong>
          <span className={classes.num}>{preview.data.contact.phone ?? t('noPhone')}</span>
          <div className={classes.tags}>
            {preview.data.contact.tags.map((tag) => (
              <Chip key={tag}>{tag}</Chip>
            ))}
          </div>
          <p className={classes.note}>
            {t('merge.comes', {
              points: whole(preview.data.points),
              deals: whole(preview.data.deals),
              chats: whole(preview.data.identities),
            })}
          </p>
        </div>
      )}
      {wrong && <p className={classes.bad}>{language() === 'ru' ? wrong.ru : wrong.en}</p>}
      {merge.error instanceof Problem && <p className={classes.bad}>{merge.error.message}</p>}
      <div className={classes.formEnd}>
        <Button variant="default" onClick={close}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button
          loading={merge.isPending}
          disabled={!other || !preview.data || Boolean(wrong)}
          onClick={() => other && merge.mutate({ params: path, body: { gone: other.id } })}
        >
          {t('merge.do')}
        </Button>
      </div>
    </div>
  );
}
