import { Autocomplete } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import type { Contact } from './model';
import classes from './Sheet.module.css';

/** Tags, given and taken at once; a refusal puts them back. */
export function Tags({ contact }: { contact: Contact }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const mayWrite = useMay('contacts_write');
  const [adding, setAdding] = useState(false);
  const [typed, setTyped] = useState('');
  const known = api.useQuery('get', '/api/v1/contacts/tags', {}, { enabled: adding });
  const key = ['get', '/api/v1/contacts/{id}', { params: { path: { id: contact.id } } }];
  const optimistic = async (tags: string[], ask: () => Promise<{ data?: Contact }>) => {
    const before = client.getQueryData<Contact>(key);
    client.setQueryData(key, { ...contact, tags });
    try {
      const { data } = await ask();
      if (data) client.setQueryData(key, data);
      void client.invalidateQueries({ queryKey: ['post', '/api/v1/contacts/search'] });
      void client.invalidateQueries({ queryKey: ['timeline', contact.id] });
    } catch (problem) {
      client.setQueryData(key, before);
      tellProblem(problem);
    }
  };
  const add = (tag: string) => {
    const clean = tag.trim();
    setTyped('');
    setAdding(false);
    if (!clean || contact.tags.includes(clean)) return;
    void optimistic([...contact.tags, clean].sort(), () =>
      fetcher.POST('/api/v1/contacts/{id}/tags', {
        params: { path: { id: contact.id } },
        body: { tags: [clean] },
      }),
    );
  };
  const remove = (tag: string) =>
    void optimistic(
      contact.tags.filter((one) => one !== tag),
      () => fetcher.DELETE('/api/v1/contacts/{id}/tags/{tag}', { params: { path: { id: contact.id, tag } } }),
    );
  return (
    <div className={classes.tags}>
      {contact.tags.map((tag) => (
        <Chip key={tag} tone="accent">
          <span className={classes.tag}>
            {tag}
            {mayWrite && (
              <button
                type="button"
                className={classes.tagRemove}
                aria-label={t('data.removeTag', { tag })}
                onClick={() => remove(tag)}
              >
                <IconX size={13} />
              </button>
            )}
          </span>
        </Chip>
      ))}
      {mayWrite &&
        (adding ? (
          <Autocomplete
            size="xs"
            w={150}
            autoFocus
            aria-label={t('data.tagPlaceholder')}
            placeholder={t('data.tagPlaceholder')}
            value={typed}
            onChange={setTyped}
            onOptionSubmit={add}
            data={(known.data ?? []).filter((one) => !contact.tags.includes(one))}
            onKeyDown={(event) => {
              if (event.key === 'Enter') add(typed);
              if (event.key === 'Escape') {
                event.stopPropagation();
                setAdding(false);
              }
            }}
            onBlur={() => setAdding(false)}
            maxLength={64}
          />
        ) : (
          <button type="button" className={classes.tagAdd} onClick={() => setAdding(true)}>
            + {t('data.addTag')}
          </button>
        ))}
    </div>
  );
}
