import './words';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import type { Wording } from '../../lib/loyalty';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { WordingField } from '../../ui/WordingField';
import classes from './Catalogue.module.css';
import { tabs } from './CataloguePage';

const KEYS = [
  'list',
  'empty',
  'label',
  'item',
  'confirm',
  'order',
  'yes',
  'back',
  'poor',
  'sold_out',
  'limit',
  'gone',
] as const;
type Texts = Record<(typeof KEYS)[number], Wording>;

const NAMES: Partial<Record<keyof Texts, string[]>> = {
  list: ['balance'],
  label: ['name', 'price'],
  item: ['name', 'price', 'description', 'stock'],
  confirm: ['name', 'price', 'left'],
  poor: ['name', 'missing', 'balance'],
  sold_out: ['name'],
};
const COUNTED = new Set(['balance', 'price', 'left', 'missing']);
const LINES = new Set(['label', 'order', 'yes', 'back']);

/** What the bot says on the screens of the catalogue. */
export default function TextsPage() {
  const t = useWords('catalogue');
  const may = useMay('settings_manage');
  const client = useQueryClient();
  const query = api.useQuery('get', '/api/v1/catalogue/texts');
  const [draft, setDraft] = useState<Texts | null>(null);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const stored = query.data?.texts as unknown as Texts | undefined;
  const texts = draft ?? stored;
  const changed = draft !== null && JSON.stringify(draft) !== JSON.stringify(stored);
  const names = (key: keyof Texts) =>
    NAMES[key]?.map((name) => ({
      insert: COUNTED.has(name) ? `{{ ${name}|points }}` : `{{ ${name} }}`,
      label: t(`names.${name}`),
    }));
  const save = async () => {
    setBusy(true);
    try {
      const body = { revision: query.data?.revision, texts: texts as never };
      await fetcher.PUT('/api/v1/catalogue/texts', { body });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/catalogue/texts'] });
      setDraft(null);
      setWrong({});
      tell(t('textsSaved'));
    } catch (problem) {
      if (problem instanceof Problem) setWrong(problem.fields);
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const fault = (field: string) => wrong[field] ?? wrong[`texts.${field}`];
  return (
    <Page title={t('title')} tabs={tabs(t)} tab="/catalogue/texts">
      {query.error && <ErrorNote problem={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <RowsSkeleton rows={8} height={80} />}
      {texts && (
        <Cell span={8}>
          <Card title={t('tab.texts')} subtitle={t('textsHint')}>
            <fieldset className={classes.form} disabled={!may}>
              {KEYS.map((key) => (
                <WordingField
                  key={key}
                  line={LINES.has(key)}
                  label={t(`text.${key}`)}
                  value={texts[key]}
                  onChange={(text) => setDraft({ ...texts, [key]: text })}
                  names={names(key)}
                  errors={{ ru: fault(`${key}.ru`), en: fault(`${key}.en`) }}
                />
              ))}
            </fieldset>
          </Card>
          <div className={classes.saving}>
            <SaveBar
              changed={changed && may}
              saving={busy}
              save={() => void save()}
              discard={() => setDraft(null)}
            />
          </div>
        </Cell>
      )}
    </Page>
  );
}
