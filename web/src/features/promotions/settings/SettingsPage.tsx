import './words';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { fetcher, Problem } from '../../../api/client';
import { useWords } from '../../../i18n';
import { tell } from '../../../lib/notify';
import type { Promotion } from '../../../lib/promotions';
import { FormTrouble } from '../../../ui/FormTrouble';
import { Cell } from '../../../ui/Page';
import { PromotionPage } from '../../../ui/PromotionPage';
import { SaveBar } from '../../../ui/SaveBar';
import { Basics } from './Basics';
import { Entries } from './Entries';
import { BannedGoods, NeededGoods } from './GoodsSections';
import type { Draft, Part } from './parts';
import { Checks, RulesText } from './RulesSection';
import classes from './Settings.module.css';
import { Shops } from './Shops';
import { Tester } from './Tester';
import { Texts } from './Texts';
import { Versions } from './Versions';

/** All settings of a promotion, with what comes of them beside. */
export default function SettingsPage() {
  return (
    <PromotionPage tab="settings">
      {(promotion) => <Form key={promotion.id} promotion={promotion} />}
    </PromotionPage>
  );
}

const draftOf = ({ name, starts_at, ends_at, channel_id, terms }: Promotion): Draft => ({
  name,
  starts_at,
  ends_at,
  channel_id: channel_id ?? null,
  terms,
});

/** `terms.entries[0].source` and `terms.entries.0.source` are one field. */
const dotted = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, text]) => [field.replace(/\[(\d+)\]/g, '.$1'), text]),
  );

function Form({ promotion }: { promotion: Promotion }) {
  const t = useWords('promotion-settings');
  const client = useQueryClient();
  const [typed, setTyped] = useState<Draft | null>(null);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const kept = useMemo(() => draftOf(promotion), [promotion]);
  const draft = typed ?? kept;
  const changed = typed !== null && JSON.stringify(typed) !== JSON.stringify(kept);
  const fields = problem instanceof Problem ? dotted(problem.fields) : {};
  const change = (part: Partial<Draft>) => setTyped((before) => ({ ...(before ?? kept), ...part }));
  const part: Part = {
    draft,
    change,
    set: (terms) =>
      setTyped((before) => {
        const now = before ?? kept;
        return { ...now, terms: { ...now.terms, ...terms } };
      }),
    fixed: promotion.state !== 'draft' && promotion.state !== 'test',
    wrong: (field) => fields[field] ?? fields[`terms.${field}`],
  };
  const save = async () => {
    setSaving(true);
    setProblem(undefined);
    try {
      await fetcher.PATCH('/api/v1/promotions/{id}', {
        params: { path: { id: promotion.id } },
        body: { revision: promotion.revision, ...draft, terms: draft.terms as never },
      });
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/promotions'),
      });
      setTyped(null);
      tell(t('saved'));
    } catch (refused) {
      setProblem(refused);
      window.scrollTo({ top: 0 });
    } finally {
      setSaving(false);
    }
  };
  return (
    <>
      <Cell span={7}>
        <div className={classes.sections}>
          <FormTrouble problem={problem} />
          <Basics {...part} />
          <Shops {...part} />
          <NeededGoods {...part} />
          <BannedGoods {...part} />
          <Entries {...part} />
          <RulesText {...part} />
          <Texts {...part} promotion={promotion.id} />
          <Checks {...part} />
          <Versions promotion={promotion} restore={(terms) => part.set(terms)} />
        </div>
        <div className={classes.saving}>
          <SaveBar
            changed={changed}
            saving={saving}
            save={() => void save()}
            discard={() => {
              setTyped(null);
              setProblem(undefined);
            }}
          />
        </div>
      </Cell>
      <Cell span={5}>
        <div className={classes.beside}>
          <Tester promotion={promotion} terms={draft.terms} />
        </div>
      </Cell>
    </>
  );
}
