import './words';
import { useMemo, useState } from 'react';
import { Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { type CardDesign, useProgramme } from '../../lib/loyalty';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Card.module.css';
import { Designer } from './Designer';
import { Picture } from './Picture';

/** The designer of the card: the picture is drawn by the program itself, as guests will get it. */
export default function CardPage() {
  const t = useWords('card');
  const may = useMay('settings_manage');
  const { query, save } = useProgramme();
  const [draft, setDraft] = useState<CardDesign | null>(null);
  const [saving, setSaving] = useState(false);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [drawn, setDrawn] = useState<Record<string, string>>({});
  const stored = query.data?.programme.card;
  const design = draft ?? stored;
  const changed = useMemo(
    () => draft !== null && JSON.stringify(draft) !== JSON.stringify(stored),
    [draft, stored],
  );
  if (query.error)
    return (
      <Page title={t('title')}>{<ErrorNote problem={query.error} retry={() => void query.refetch()} />}</Page>
    );
  if (!design || !query.data) return <Page title={t('title')}>{<RowsSkeleton rows={10} />}</Page>;
  const { programme, revision } = query.data;
  // What is wrong is told by the drawing while one works, and by the saving.
  const wrong = (field: string) => drawn[`card.${field}`] ?? fields[`card.${field}`];
  const keep = async () => {
    setSaving(true);
    try {
      await save({ ...programme, card: design }, revision);
      setDraft(null);
      setFields({});
      tell(t('saved'));
    } catch (problem) {
      if (problem instanceof Problem) setFields(problem.fields);
      tellProblem(problem);
    } finally {
      setSaving(false);
    }
  };
  const change = (part: Partial<CardDesign>) => {
    setFields({});
    setDraft({ ...design, ...part });
  };
  return (
    <Page title={t('title')} state={!may && <Chip>{t('readOnly')}</Chip>}>
      <Cell span={7}>
        <Picture design={design} wrong={setDrawn} />
      </Cell>
      <Cell span={5}>
        <fieldset className={classes.designer} disabled={!may}>
          <Designer design={design} change={change} wrong={wrong} />
        </fieldset>
        <div className={classes.saving}>
          <SaveBar
            changed={changed && may}
            saving={saving}
            save={() => void keep()}
            discard={() => setDraft(null)}
          />
        </div>
      </Cell>
    </Page>
  );
}
