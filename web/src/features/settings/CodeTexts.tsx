import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import type { Wording } from '../../lib/loyalty';
import { Card } from '../../ui/Card';
import { WordingField } from '../../ui/WordingField';
import classes from './Settings.module.css';

type Texts = NonNullable<components['schemas']['ConfirmationRules']['texts']>;

/** What each text may name; `points` is said with its noun. */
const NAMES = {
  asked: ['code', 'points', 'comment', 'minutes'],
  confirm: [],
  confirmed: ['name', 'business'],
  over: ['name', 'business'],
  refused: ['reason'],
} as const;
const KEYS = Object.keys(NAMES) as (keyof typeof NAMES)[];
const NONE: Wording = { ru: '', en: '' };

/** What a guest reads who confirms an operation by a code. */
export function CodeTexts(props: {
  texts: Texts;
  off: boolean;
  wrong: Record<string, string>;
  set: (texts: Texts) => void;
}) {
  const { texts, off, wrong, set } = props;
  const t = useWords('settings');
  const names = (key: keyof typeof NAMES) =>
    NAMES[key].map((name) => ({
      insert: name === 'points' ? '{{ points|points }}' : `{{ ${name} }}`,
      label: t(`till.names.${name}`),
    }));
  return (
    <Card title={t('till.texts')} subtitle={t('till.textsHint')}>
      <fieldset className={classes.texts} disabled={off}>
        {KEYS.map((key) => (
          <WordingField
            key={key}
            line={key === 'confirm'}
            label={t(`till.text.${key}`)}
            value={texts[key] ?? NONE}
            onChange={(text) => set({ ...texts, [key]: text })}
            names={names(key)}
            errors={{ ru: wrong[`texts.${key}.ru`], en: wrong[`texts.${key}.en`] }}
          />
        ))}
      </fieldset>
    </Card>
  );
}
