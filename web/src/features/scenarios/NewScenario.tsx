import { Button, FileButton, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { language, type Say, useWords } from '../../i18n';
import { latin } from '../../lib/latin';
import { tellProblem } from '../../lib/notify';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './List.module.css';
import type { Draft } from './model';

type Props = { opened: boolean; close: () => void; taken: string[] };

/** A new scenario: from the library, blank, or from a file. */
export function NewScenario({ opened, close, taken }: Props) {
  const t = useWords('scenarios');
  const go = useNavigate();
  const client = useQueryClient();
  const library = api.useQuery('get', '/api/v1/scenarios/templates', {}, { enabled: opened });
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string | null>(null);
  const key = typedKey ?? keyOf(name, taken);
  const opens = async (made: string) => {
    await client.invalidateQueries({ queryKey: ['get', '/api/v1/scenarios'] });
    close();
    void go({ to: '/scenarios/$key', params: { key: made } });
  };
  const make = useMutation({
    mutationFn: async () => {
      const template = library.data?.find((one) => one.key === chosen);
      const from = (template?.draft as unknown as Draft | undefined) ?? blank(t);
      const { data } = await fetcher.PUT('/api/v1/scenarios/{key}/draft', {
        params: { path: { key }, query: { revision: 0 } },
        body: { ...from, key, name } as never,
      });
      return data!;
    },
    onSuccess: (made) => opens(made.key),
    onError: tellProblem,
  });
  const upload = useMutation({
    mutationFn: async (file: File) => {
      const { data } = await fetcher.POST('/api/v1/scenarios/import', {
        body: (await file.text()) as never,
        bodySerializer: (body) => body as unknown as string,
        headers: { 'content-type': 'application/toml' },
      });
      return data!;
    },
    onSuccess: (made) => opens(made.key),
    onError: tellProblem,
  });
  const pick = (id: string, title: string) => {
    setChosen(id);
    setName(title);
    setTypedKey(id === '' ? null : freeKey(id, taken));
  };
  const choice = (id: string, title: string, about: string, needs?: string[]) => (
    <button
      key={id}
      type="button"
      className={classes.choice}
      aria-pressed={chosen === id && name !== ''}
      onClick={() => pick(id, title)}
    >
      <b>{title}</b>
      <span>{about}</span>
      {needs && needs.length > 0 && (
        <span>
          {t('fresh.needs', {
            what: needs.map((one) => t(`needs.${one}`, { defaultValue: one })).join(', '),
          })}
        </span>
      )}
    </button>
  );
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('fresh.title')}
      size={760}
      closeButtonProps={{ 'aria-label': t('common:do.close') }}
    >
      {library.isPending && <RowsSkeleton rows={3} />}
      {library.isError && <ErrorNote problem={library.error} retry={() => void library.refetch()} />}
      <div className={classes.choices}>
        {choice('', t('fresh.blank'), t('fresh.blankAbout'))}
        {library.data?.map((one) => choice(one.key, one.title, one.about, one.needs))}
        <FileButton accept=".toml" onChange={(file) => file && upload.mutate(file)}>
          {(props) => (
            <button type="button" className={classes.choice} {...props}>
              <b>{t('fresh.file')}</b>
              <span>{t('fresh.fileAbout')}</span>
            </button>
          )}
        </FileButton>
      </div>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextInput
          label={t('fresh.name')}
          value={name}
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('fresh.key')}
          description={t('fresh.keyHint')}
          value={key}
          required
          error={taken.includes(key) && t('fresh.taken')}
          onChange={(event) => setTypedKey(event.currentTarget.value)}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {t('common:do.cancel')}
          </Button>
          <Button
            type="submit"
            loading={make.isPending}
            disabled={!name.trim() || !key || taken.includes(key)}
          >
            {t('fresh.create')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function blank(t: Say): Draft {
  return {
    key: '',
    locale: language(),
    triggers: [{ on: 'start', goto: 'hello', interrupts: true }],
    steps: {
      hello: {
        kind: 'choose',
        text: t('fresh.hello', { name: '{% if contact.name %}, {{ contact.name|first_name }}{% endif %}' }),
        choices: [{ key: 'person', label: t('fresh.person') }],
      },
      person: { kind: 'hand_off', reason: t('fresh.person') },
      bye: { kind: 'end' },
    },
    edges: { 'hello.person': 'person', person: 'bye' },
    layout: { titles: { hello: t('kind.choose'), person: t('kind.hand_off'), bye: t('kind.end') } },
  };
}

/** «Чек за билет» gives `chek-za-bilet`. */
function keyOf(name: string, taken: string[]): string {
  const stem = latin(name).slice(0, 34);
  return stem ? freeKey(stem, taken) : '';
}

function freeKey(stem: string, taken: string[]): string {
  if (!taken.includes(stem)) return stem;
  for (let number = 2; ; number += 1) {
    if (!taken.includes(`${stem}-${number}`)) return `${stem}-${number}`;
  }
}
