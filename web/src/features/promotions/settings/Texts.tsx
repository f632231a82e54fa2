import { Accordion, Switch } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../../api/client';
import { language, useWords } from '../../../i18n';
import type { Wording } from '../../../lib/loyalty';
import { Bubble } from '../../../ui/Bubble';
import { Card } from '../../../ui/Card';
import { ErrorNote, RowsSkeleton } from '../../../ui/States';
import { WordingField } from '../../../ui/WordingField';
import type { Part } from './parts';
import classes from './Settings.module.css';

const PAUSE_MS = 400;

/** What a text may name. */
const NAMES = ['name', 'starts', 'last', 'ends', 'minimum', 'limit', 'shops'] as const;
const NAMES_OF: Record<string, readonly string[]> = {
  received: ['received', 'place'],
  accepted: ['sum', 'ticket'],
  accepted_test: ['sum', 'ticket'],
  refused: ['sum', 'reason'],
  waits: ['reason'],
  code: ['partner', 'code'],
  extended: ['note'],
};

/** Each text of the bot: as it comes with the program, or one's own, with the message as it will be read. */
export function Texts({ promotion, draft, set, wrong }: Part & { promotion: string }) {
  const t = useWords('promotion-settings');
  const [open, setOpen] = useState<string | null>(null);
  const words = api.useQuery('get', '/api/v1/promotion-words', {}, { staleTime: Number.POSITIVE_INFINITY });
  const { texts } = draft.terms;
  const ru = language() === 'ru';
  const own = (key: string, standard: Wording | undefined) => {
    const { [key]: _, ...rest } = texts;
    set({ texts: standard ? { ...texts, [key]: standard } : rest });
  };
  return (
    <Card title={t('texts.title')} subtitle={t('texts.hint')} bare>
      {words.error && !words.data && <ErrorNote problem={words.error} retry={() => void words.refetch()} />}
      {!words.data && !words.error && <RowsSkeleton rows={6} />}
      <Accordion className={classes.texts} value={open} onChange={setOpen} order={3}>
        {words.data?.texts.map((one) => {
          const text = texts[one.key];
          const about = ru ? one.about_ru : one.about_en;
          const names = [...(NAMES_OF[one.key] ?? []), ...NAMES];
          return (
            <Accordion.Item key={one.key} value={one.key}>
              <Accordion.Control>
                {one.key.startsWith('reason.') ? t('texts.reason', { about }) : about}
                <span className={classes.whose}>{t(text ? 'texts.own' : 'texts.standard')}</span>
              </Accordion.Control>
              <Accordion.Panel>
                {open === one.key && (
                  <div className={classes.fields}>
                    <Switch
                      label={t('texts.rewrite')}
                      checked={text !== undefined}
                      onChange={(event) =>
                        own(one.key, event.currentTarget.checked ? { ru: one.ru, en: one.en } : undefined)
                      }
                    />
                    {text && (
                      <WordingField
                        label={t('texts.text')}
                        value={text}
                        onChange={(wording) => set({ texts: { ...texts, [one.key]: wording } })}
                        names={names.map((name) => ({
                          insert: `{{ ${name} }}`,
                          label: t(`texts.names.${name}`),
                        }))}
                        errors={{
                          ru: wrong(`texts.${one.key}.ru`) ?? wrong(`texts.${one.key}`),
                          en: wrong(`texts.${one.key}.en`),
                        }}
                      />
                    )}
                    <Preview
                      promotion={promotion}
                      name={one.key}
                      text={text?.[ru ? 'ru' : 'en'] ?? (ru ? one.ru : one.en)}
                    />
                  </div>
                )}
              </Accordion.Panel>
            </Accordion.Item>
          );
        })}
      </Accordion>
    </Card>
  );
}

/** The message as a participant reads it, while it is typed. */
function Preview({ promotion, name, text }: { promotion: string; name: string; text: string }) {
  const t = useWords('promotion-settings');
  const [typed] = useDebouncedValue(text, PAUSE_MS);
  const locale = language();
  const said = useQuery({
    queryKey: ['promotion-text', promotion, name, typed, locale],
    queryFn: async ({ signal }) => {
      const { data } = await fetcher.POST('/api/v1/promotions/{id}/preview-text', {
        params: { path: { id: promotion } },
        body: { key: name, text: typed, locale },
        signal,
      });
      return data?.text ?? '';
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <div className={classes.chat} role="log" aria-label={t('texts.preview')}>
      {said.error ? (
        <p role="alert">{said.error.message}</p>
      ) : (
        <Bubble voice="bot">{said.data || '…'}</Bubble>
      )}
    </div>
  );
}
