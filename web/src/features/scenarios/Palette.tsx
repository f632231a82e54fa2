import { useState } from 'react';
import { useWords } from '../../i18n';
import classes from './Builder.module.css';
import { KindIcon } from './kinds';
import { type Catalogue, capital } from './model';

/** What a new step begins with. */
export type Fresh = { kind: string; fields: Record<string, unknown>; word?: string };

const TALK: Fresh[] = [
  { kind: 'say', fields: { text: '' } },
  { kind: 'choose', fields: { text: '', choices: [{ key: 'choice1', label: '' }] } },
  { kind: 'ask', fields: { text: '', expects: 'text', into: 'vars.answer' } },
  { kind: 'media', fields: { text: '', media: { key: '' } } },
  { kind: 'hand_off', fields: { reason: '' } },
];
const LOGIC: Fresh[] = [
  {
    kind: 'branch',
    fields: { cases: [{ when: { field: 'loyalty.balance', op: 'ge', value: 100 }, port: 'case1' }] },
  },
  { kind: 'wait', fields: { for: '1d' } },
  { kind: 'goto', fields: {} },
  { kind: 'end', fields: {} },
  { kind: 'trigger', fields: { on: 'phrase', phrases: [] } },
];
const SET: Fresh = { kind: 'set', fields: { add_tags: [] } };

/** Steps by groups: dragged onto the canvas, or put there by a press. */
export function Palette({
  catalogue,
  lang,
  add,
}: {
  catalogue: Catalogue;
  lang: 'ru' | 'en';
  add: (fresh: Fresh) => void;
}) {
  const t = useWords('scenarios');
  const [open, setOpen] = useState<string | null>(null);
  const nouns = (all: { name: string }[]) => [...new Set(all.map((one) => one.name.split('.')[0]!))];
  const item = (fresh: Fresh, label: string, small = false) => (
    <button
      key={`${fresh.kind}${fresh.word ?? ''}`}
      type="button"
      className={classes.item}
      data-small={small || undefined}
      draggable
      onDragStart={(event) => event.dataTransfer.setData('application/x-step', JSON.stringify(fresh))}
      onClick={() => add(fresh)}
    >
      {!small && <KindIcon kind={fresh.kind} word={fresh.word} large />}
      {label}
    </button>
  );
  const words = (
    kind: 'act' | 'show',
    field: 'action' | 'screen',
    all: { name: string; title: { ru: string; en: string } }[],
  ) =>
    nouns(all).map((noun) => {
      const id = `${kind}.${noun}`;
      const name = t(`group.${noun}`, { defaultValue: noun });
      return (
        <div key={id}>
          <button
            type="button"
            className={classes.item}
            aria-expanded={open === id}
            onClick={() => setOpen(open === id ? null : id)}
          >
            <KindIcon kind={kind} word={`${noun}.`} large />
            {name}
          </button>
          {open === id &&
            all
              .filter((one) => one.name.startsWith(`${noun}.`))
              .map((one) =>
                item({ kind, word: one.name, fields: { [field]: one.name } }, capital(one.title[lang]), true),
              )}
        </div>
      );
    });
  return (
    <nav className={classes.palette} aria-label={t('palette')}>
      <h2>{t('groups.talk')}</h2>
      {TALK.map((one) => item(one, t(one.kind === 'choose' ? 'buttons' : `kind.${one.kind}`)))}
      <h2>{t('groups.logic')}</h2>
      {LOGIC.map((one) => item(one, t(`kind.${one.kind}`)))}
      <h2>{t('groups.does')}</h2>
      {item(SET, t('kind.set'))}
      {words('act', 'action', catalogue.actions)}
      <h2>{t('groups.shows')}</h2>
      {words('show', 'screen', catalogue.screens)}
    </nav>
  );
}
