import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { phone } from '../../lib/format';
import { tell } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { SearchField } from '../../ui/FilterBar';
import { FormTrouble } from '../../ui/FormTrouble';
import classes from './Channels.module.css';
import type { Channel } from './ChannelsPage';

/** One sentence by the channel: to whoever asks, or to a guest who is chosen. */
export function TryOut({ channel, close, done }: { channel: Channel; close: () => void; done: () => void }) {
  const t = useWords('channels');
  const [words, setWords] = useState('');
  const searched = words.trim().length > 1;
  const found = api.useQuery(
    'post',
    '/api/v1/contacts/search',
    { body: { words, sort: 'seen', descending: true, limit: 8 } },
    { enabled: searched },
  );
  const send = api.useMutation('post', '/api/v1/channels/{id}/test', {
    onSuccess: () => {
      tell(t('tryOut.sent'));
      done();
      close();
    },
  });
  const to = (contact_id?: string) =>
    send.mutate({ params: { path: { id: channel.id } }, body: contact_id ? { contact_id } : {} });
  const people = (found.data?.items ?? []).filter((one) =>
    one.channels.some((way) => way.channel_id === channel.id),
  );
  return (
    <Modal
      opened
      onClose={close}
      title={t('tryOut.title')}
      closeButtonProps={{ 'aria-label': t('common:do.close') }}
    >
      <div className={classes.column}>
        <p className={classes.hint}>{t('tryOut.hint', { name: channel.name })}</p>
        <FormTrouble problem={send.error} />
        <Button loading={send.isPending} onClick={() => to()}>
          {t('tryOut.me')}
        </Button>
        {channel.audience === 'customers' && (
          <>
            <SearchField value={words} onChange={setWords} placeholder={t('tryOut.search')} />
            {searched && found.isSuccess && people.length === 0 && (
              <p className={classes.hint}>{t('tryOut.nobody')}</p>
            )}
            <ul className={classes.people}>
              {people.map(({ contact }) => (
                <li key={contact.id}>
                  <Avatar name={contact.name || '?'} size={32} />
                  <div>
                    {contact.name || t('tryOut.noName')}
                    {contact.phone && <small>{phone(contact.phone)}</small>}
                  </div>
                  <Button
                    variant="default"
                    size="compact-md"
                    disabled={send.isPending}
                    onClick={() => to(contact.id)}
                  >
                    {t('tryOut.send')}
                  </Button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Modal>
  );
}
