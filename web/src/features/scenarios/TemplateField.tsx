import { Menu, ScrollArea, TextInput } from '@mantine/core';
import { IconBraces } from '@tabler/icons-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useWords } from '../../i18n';
import classes from './Fields.module.css';
import { capital, type Fact, pieces } from './model';

type Props = {
  label: string;
  value: string;
  change: (value: string) => void;
  facts: Map<string, Fact>;
  lang: 'ru' | 'en';
  max?: number;
  lines?: number;
  hint?: string;
};

/** A text with variables as chips. What is typed is kept as a template. */
export function TemplateField({ label, value, change, facts, lang, max, lines = 3, hint }: Props) {
  const t = useWords('scenarios');
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (shown.current === value || !box.current) return;
    shown.current = value;
    fill(box.current, value, facts, lang);
  }, [value, facts, lang]);
  const read = () => {
    if (!box.current) return;
    const now = template(box.current);
    shown.current = now;
    change(now);
  };
  const insert = (path: string) => {
    const field = box.current;
    if (!field) return;
    field.focus();
    const range = caretIn(field);
    range.deleteContents();
    range.insertNode(chip(`{{ ${path} }}`, capital(facts.get(path)?.title[lang] ?? path), false));
    range.collapse(false);
    read();
  };
  return (
    <div className={classes.field}>
      <div className={classes.top}>
        <label id={id} htmlFor={`${id}-box`}>
          {label}
        </label>
        {max && <span>{t('inspector.count', { now: value.length, max })}</span>}
      </div>
      <div className={classes.box}>
        <div
          ref={box}
          id={`${id}-box`}
          className={classes.edit}
          style={{ minHeight: lines * 20 + 16 }}
          contentEditable
          suppressContentEditableWarning
          role="textbox"
          aria-multiline
          aria-labelledby={id}
          tabIndex={0}
          onInput={read}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.ctrlKey) return;
            event.preventDefault();
            put(box.current!, '\n');
            read();
          }}
          onPaste={(event) => {
            event.preventDefault();
            put(box.current!, event.clipboardData.getData('text/plain'));
            read();
          }}
        />
        <div className={classes.tools}>
          <VariableMenu facts={facts} lang={lang} choose={insert} />
        </div>
      </div>
      {hint && <p className={classes.hint}>{hint}</p>}
    </div>
  );
}

/** Everything that texts may say, by groups, with a search. */
export function VariableMenu({
  facts,
  lang,
  choose,
}: {
  facts: Map<string, Fact>;
  lang: 'ru' | 'en';
  choose: (path: string) => void;
}) {
  const t = useWords('scenarios');
  const [wanted, setWanted] = useState('');
  const groups = useMemo(() => {
    const found = new Map<string, Fact[]>();
    for (const fact of facts.values()) {
      const words = `${fact.title[lang]} ${fact.path}`.toLocaleLowerCase();
      if (!words.includes(wanted.trim().toLocaleLowerCase())) continue;
      const group = fact.path.split('.')[0]!;
      found.set(group, [...(found.get(group) ?? []), fact]);
    }
    return [...found];
  }, [facts, lang, wanted]);
  return (
    <Menu position="bottom-start" onClose={() => setWanted('')} withinPortal>
      <Menu.Target>
        <button type="button" className={classes.tool} aria-label={t('inspector.variable')}>
          <IconBraces size={18} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <TextInput
          aria-label={t('inspector.findVariable')}
          placeholder={t('inspector.findVariable')}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          size="xs"
          m={4}
        />
        <ScrollArea.Autosize mah={280} w={280} viewportProps={{ tabIndex: 0 }}>
          {groups.map(([group, all]) => (
            <div key={group}>
              <Menu.Label>{t(`group.${group}`, { defaultValue: group })}</Menu.Label>
              {all.map((fact) => (
                <Menu.Item key={fact.path} onClick={() => choose(fact.path)}>
                  {capital(fact.title[lang])}
                </Menu.Item>
              ))}
            </div>
          ))}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}

function chip(raw: string, label: string, rule: boolean): HTMLElement {
  const made = document.createElement('span');
  made.contentEditable = 'false';
  made.dataset.raw = raw;
  made.className = classes.chip!;
  if (rule) made.dataset.rule = '';
  made.textContent = label;
  made.title = raw;
  return made;
}

function fill(box: HTMLElement, value: string, facts: Map<string, Fact>, lang: 'ru' | 'en'): void {
  box.replaceChildren(
    ...pieces(value, facts, lang).map((piece) =>
      'words' in piece
        ? document.createTextNode(piece.words)
        : chip(piece.raw, piece.label, piece.rule ?? false),
    ),
  );
}

/** What stands in the field, as a template. */
function template(node: Node): string {
  return [...node.childNodes]
    .map((child): string => {
      if (child instanceof HTMLElement) {
        if (child.dataset.raw !== undefined) return child.dataset.raw;
        if (child.tagName === 'BR') return '\n';
        return template(child);
      }
      return child.textContent ?? '';
    })
    .join('');
}

function caretIn(box: HTMLElement): Range {
  const selection = window.getSelection();
  const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : null;
  if (range && box.contains(range.commonAncestorContainer)) return range;
  const end = document.createRange();
  end.selectNodeContents(box);
  end.collapse(false);
  return end;
}

function put(box: HTMLElement, words: string): void {
  const range = caretIn(box);
  range.deleteContents();
  const node = document.createTextNode(words);
  range.insertNode(node);
  range.setStartAfter(node);
  range.collapse(true);
  const selection = window.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}
