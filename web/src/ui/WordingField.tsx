import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { language, useWords } from '../i18n';
import type { Wording } from '../lib/loyalty';
import classes from './WordingField.module.css';

type WordingFieldProps = {
  label: string;
  hint?: string;
  value: Wording;
  onChange: (value: Wording) => void;
  /** What the text may name: pressed, it is put where the cursor stands. */
  names?: { insert: string; label: string }[];
  /** What is wrong, by language. */
  errors?: { ru?: string; en?: string };
  /** One line. */
  line?: boolean;
  onFocus?: () => void;
};

/** A text in both languages with its substitutions. */
export function WordingField(props: WordingFieldProps) {
  const { label, hint, value, onChange, names, errors, line, onFocus } = props;
  const t = useWords();
  const [tongue, setTongue] = useState<'ru' | 'en'>(language());
  const field = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const set = (text: string) => onChange({ ...value, [tongue]: text });
  const insert = (what: string) => {
    const at = field.current?.selectionStart ?? value[tongue].length;
    const end = field.current?.selectionEnd ?? at;
    set(value[tongue].slice(0, at) + what + value[tongue].slice(end));
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at + what.length, at + what.length);
    });
  };
  const other = tongue === 'ru' ? 'en' : 'ru';
  const shared = {
    ref: field,
    label,
    description: hint,
    value: value[tongue],
    onChange: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value),
    onFocus,
    error: errors?.[tongue] ?? (errors?.[other] && t('wording.other', { language: t(`wording.${other}`) })),
  };
  return (
    <div className={classes.field}>
      <SegmentedControl
        className={classes.tongue}
        size="xs"
        value={tongue}
        onChange={(chosen) => setTongue(chosen as 'ru' | 'en')}
        data={[
          { value: 'ru', label: 'RU' },
          { value: 'en', label: 'EN' },
        ]}
        aria-label={t('wording.language')}
      />
      {line ? <TextInput {...shared} /> : <Textarea {...shared} autosize minRows={2} maxRows={10} />}
      {names && names.length > 0 && (
        <div className={classes.names}>
          {names.map((name) => (
            <button type="button" key={name.insert} onClick={() => insert(name.insert)} title={name.insert}>
              {name.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
