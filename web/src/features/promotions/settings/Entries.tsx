import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useWords } from '../../../i18n';
import type { Entry } from '../../../lib/promotions';
import { type Part, Section } from './parts';
import classes from './Settings.module.css';

/** How people come in: phrases and links, each with its source. */
export function Entries({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { entries } = draft.terms;
  const put = (at: number, part: Partial<Entry>) =>
    set({ entries: entries.map((one, place) => (place === at ? { ...one, ...part } : one)) });
  return (
    <Section title={t('entries.title')} subtitle={t('entries.hint')}>
      <div className={classes.rows}>
        {entries.map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the source itself is edited
          <div key={at} className={classes.row}>
            <TextInput
              label={t('entries.name')}
              placeholder={t('entries.nameExample')}
              value={entry.title}
              onChange={(event) => put(at, { title: event.currentTarget.value })}
              error={wrong(`entries.${at}.title`)}
            />
            <TextInput
              label={t('entries.source')}
              description={t('entries.sourceHint')}
              value={entry.source}
              onChange={(event) => put(at, { source: event.currentTarget.value.toLowerCase() })}
              error={wrong(`entries.${at}.source`)}
            />
            <TextInput
              label={t('entries.phrase')}
              description={t('entries.phraseHint')}
              value={entry.phrase ?? ''}
              onChange={(event) => put(at, { phrase: event.currentTarget.value })}
              error={wrong(`entries.${at}.phrase`)}
            />
            <ActionIcon
              aria-label={t('entries.remove')}
              onClick={() => set({ entries: entries.filter((_, place) => place !== at) })}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </div>
        ))}
      </div>
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => set({ entries: [...entries, { source: free(entries), title: '', phrase: '' }] })}
        >
          {t('entries.add')}
        </Button>
      </div>
    </Section>
  );
}

/** A source that no entry has yet. */
function free(entries: Entry[]): string {
  for (let at = entries.length + 1; ; at++) {
    const source = `s${at}`;
    if (!entries.some((one) => one.source === source)) return source;
  }
}
