import { Button, Modal, TagsInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import { useWords } from '../../i18n';
import classes from './Contacts.module.css';

/** Somebody who is known before they write to a bot. */
export function AddContact({
  opened,
  close,
  made,
}: {
  opened: boolean;
  close: () => void;
  made: (id: string) => void;
}) {
  const t = useWords('contacts');
  return (
    <Modal opened={opened} onClose={close} title={t('new.title')}>
      <NewForm close={close} made={made} />
    </Modal>
  );
}

function NewForm({ close, made }: { close: () => void; made: (id: string) => void }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const [form, setForm] = useState({ name: '', phone: '', birthday: '', tags: [] as string[] });
  const known = api.useQuery('get', '/api/v1/contacts/tags');
  const add = api.useMutation('post', '/api/v1/contacts', {
    onSuccess: (contact) => {
      void client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/contacts'),
      });
      close();
      made(contact.id);
    },
  });
  const wrong = add.error instanceof Problem ? add.error : undefined;
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const submit = () =>
    add.mutate({
      body: {
        name: form.name || undefined,
        phone: form.phone || undefined,
        birthday: form.birthday || undefined,
        tags: form.tags,
        fields: {},
      } as never,
    });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput
        label={t('data.name')}
        value={form.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={wrong?.fields.name}
        data-autofocus
      />
      <TextInput
        label={t('data.phone')}
        type="tel"
        value={form.phone}
        onChange={(event) => set({ phone: event.currentTarget.value })}
        error={wrong?.fields.phone}
      />
      <TextInput
        label={t('data.birthday')}
        type="date"
        value={form.birthday}
        onChange={(event) => set({ birthday: event.currentTarget.value })}
        error={wrong?.fields.birthday}
      />
      <TagsInput
        label={t('new.tags')}
        value={form.tags}
        data={known.data ?? []}
        onChange={(tags) => set({ tags })}
        error={wrong?.fields.tags}
      />
      {wrong && Object.keys(wrong.fields).length === 0 && <p className={classes.bad}>{wrong.message}</p>}
      <div className={classes.formEnd}>
        <Button variant="default" onClick={close}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button type="submit" loading={add.isPending} disabled={!form.name.trim() && !form.phone.trim()}>
          {t('new.create')}
        </Button>
      </div>
    </form>
  );
}
