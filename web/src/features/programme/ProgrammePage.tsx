import './words';
import { useEffect, useMemo, useState } from 'react';
import { Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { type Programme, useProgramme } from '../../lib/loyalty';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { Effects } from './Effects';
import { Messages, Screens } from './Messages';
import { Preview } from './Preview';
import classes from './Programme.module.css';
import { Sections } from './Sections';

/** What the sections get: the draft, the way to change it, what is wrong by field. */
export type Draft = {
  programme: Programme;
  change: (change: Partial<Programme>) => void;
  wrong: (field: string) => string | undefined;
};

/** The settings of the programme with what guests will read beside them. */
export default function ProgrammePage() {
  const t = useWords('programme');
  const may = useMay('settings_manage');
  const { query, save } = useProgramme();
  const [draft, setDraft] = useState<Programme | null>(null);
  const [saving, setSaving] = useState(false);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [focus, setFocus] = useState<string>();
  const stored = query.data?.programme;
  const programme = draft ?? stored;
  const changed = useMemo(
    () => draft !== null && JSON.stringify(draft) !== JSON.stringify(stored),
    [draft, stored],
  );
  useEffect(() => {
    if (!changed) setFields({});
  }, [changed]);
  if (query.error)
    return (
      <Page title={t('title')}>{<ErrorNote problem={query.error} retry={() => void query.refetch()} />}</Page>
    );
  if (!programme || !query.data) return <Page title={t('title')}>{<RowsSkeleton rows={10} />}</Page>;
  const revision = query.data.revision;
  const change = (change: Partial<Programme>) => setDraft({ ...programme, ...change });
  const wrong = (field: string) => fields[field] ?? fields[`programme.${field}`];
  const keep = async () => {
    setSaving(true);
    setFields({});
    try {
      await save(programme, revision);
      setDraft(null);
      tell(t('saved'));
    } catch (problem) {
      if (problem instanceof Problem) setFields(problem.fields);
      tellProblem(problem);
    } finally {
      setSaving(false);
    }
  };
  const part: Draft = { programme, change, wrong };
  return (
    <Page title={t('title')} state={!may && <Chip>{t('readOnly')}</Chip>}>
      <Cell span={7}>
        <fieldset className={classes.sections} disabled={!may}>
          <Sections {...part} focus={setFocus} />
          <Card title={t('section.notices')} bare>
            <Messages {...part} focus={setFocus} />
          </Card>
          <Card title={t('section.screens')} bare>
            <Screens {...part} focus={setFocus} />
          </Card>
          {changed && stored && <Effects before={stored} after={programme} />}
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
      <Cell span={5}>
        <Preview programme={programme} focus={focus} />
      </Cell>
    </Page>
  );
}
