import { ActionIcon, Loader, Modal, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconQrcode, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { fetcher, Problem } from '../../api/client';
import { useWords } from '../../i18n';
import { phone } from '../../lib/format';
import { Avatar } from '../../ui/Avatar';
import { EmptyState, ErrorNote } from '../../ui/States';
import { canScan } from './camera';
import classes from './Till.module.css';

const Camera = lazy(() => import('./Camera'));
const FOUND_MAX = 8;

/** Twelve digits, however they are parted, or what a scanner reads from a card. */
const isCard = (text: string) => /^SV\d\./.test(text) || /^\d{4}[\s-]?\d{4}[\s-]?\d{4}$/.test(text);

async function find(text: string, signal: AbortSignal) {
  if (isCard(text)) {
    try {
      const card = await fetcher.POST('/api/v1/cards/resolve', { body: { text }, signal });
      const path = { id: card.data!.contact_id };
      const contact = await fetcher.GET('/api/v1/contacts/{id}', { params: { path }, signal });
      return contact.data ? [contact.data] : [];
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) return [];
      throw problem;
    }
  }
  const query = { q: text, limit: FOUND_MAX };
  return (await fetcher.GET('/api/v1/contacts', { params: { query }, signal })).data?.items ?? [];
}

/** Finds a guest by name, phone or card; arrows and Enter choose. */
export function Finder({ choose }: { choose: (id: string) => void }) {
  const t = useWords('till');
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 180);
  const [at, setAt] = useState(0);
  const [camera, setCamera] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  const found = useQuery({
    queryKey: ['till-find', asked],
    queryFn: ({ signal }) => find(asked, signal),
    enabled: asked.length > 1,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const people = asked.length > 1 ? (found.data ?? []) : [];
  const current = asked === text.trim() && !found.isFetching;
  // A card names one person: nobody has to choose.
  const only = current && isCard(asked) && people.length === 1 ? people[0]!.id : undefined;
  useEffect(() => {
    if (only) choose(only);
  }, [only, choose]);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(people.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (event.key === 'Enter' && current && people[at]) choose(people[at].id);
    else return;
    event.preventDefault();
  };
  const scanned = (code: string) => {
    setCamera(false);
    setText(code);
  };
  const nobody = asked.length > 1 && current && !found.error && people.length === 0;
  return (
    <div className={classes.finder}>
      <TextInput
        ref={field}
        size="lg"
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
        placeholder={t('find')}
        aria-label={t('find')}
        role="combobox"
        aria-expanded={people.length > 0}
        aria-controls="till-found"
        aria-activedescendant={people[at] && `till-${people[at].id}`}
        leftSection={found.isFetching ? <Loader size={18} /> : <IconSearch size={20} />}
        rightSection={
          canScan() && (
            <ActionIcon aria-label={t('scan')} onClick={() => setCamera(true)}>
              <IconQrcode size={22} />
            </ActionIcon>
          )
        }
      />
      {people.length > 0 && (
        <div className={classes.found} id="till-found" role="listbox" aria-label={t('found')}>
          {people.map((person, index) => (
            <div
              key={person.id}
              id={`till-${person.id}`}
              role="option"
              aria-selected={index === at}
              className={classes.person}
              onClick={() => choose(person.id)}
            >
              <Avatar name={person.name || '?'} size={36} />
              <span className={classes.who}>
                <strong>{person.name || t('noName')}</strong>
                <span>{person.phone && phone(person.phone)}</span>
              </span>
              <span className={classes.tags}>{person.tags.slice(0, 2).join(', ')}</span>
            </div>
          ))}
        </div>
      )}
      {found.error && !found.isFetching && (
        <ErrorNote problem={found.error} retry={() => void found.refetch()} />
      )}
      {nobody && <EmptyState title={t('nobody')} hint={t('nobodyHint')} />}
      {asked.length < 2 && (
        <EmptyState
          icon={<IconQrcode size={24} />}
          title={t('start')}
          hint={
            <>
              {t('startHint')}
              <span className={classes.keys}>{t('keys')}</span>
            </>
          }
        />
      )}
      <Modal opened={camera} onClose={() => setCamera(false)} title={t('scan')}>
        <Suspense fallback={<Loader />}>{camera && <Camera read={scanned} />}</Suspense>
      </Modal>
    </div>
  );
}
