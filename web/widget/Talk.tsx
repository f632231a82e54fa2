// A conversation: its lines with their buttons and pictures, and the place one writes in. The widget, the chat's own
// page and the demo draw with it.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Button, Line } from './client';
import { AttachIcon, SendIcon } from './icons';
import type { Words } from './words';

export interface TalkProps {
  lines: Line[];
  words: Words;
  language: string;
  typing: boolean;
  /** Buttons are shown but cannot be pressed. */
  readOnly?: boolean;
  press(button: Button, line: Line): void;
  retry(line: Line): void;
}

export function Talk({ lines, words, language, typing, readOnly, press, retry }: TalkProps) {
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [large, enlarge] = useState<Line | null>(null);
  const toEnd = () => {
    if (log.current && atEnd.current) log.current.scrollTop = log.current.scrollHeight;
  };
  const last = lines.at(-1);
  // One's own words are always shown; others' only when their end was being read.
  if (last?.mine) atEnd.current = true;
  useLayoutEffect(toEnd);
  const scrolled = () => {
    const box = log.current;
    if (box) atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  };
  let day = '';
  return (
    <div
      class="log"
      ref={log}
      role="log"
      aria-live="polite"
      aria-label={words.log}
      tabIndex={0}
      onScroll={scrolled}
    >
      {lines.map((line) => {
        const its = dayOf(line.at, language, words);
        const heading = its === day ? null : <div class="day">{its}</div>;
        day = its;
        return (
          <>
            {heading}
            <div
              key={line.id}
              class={`line ${line.mine ? 'mine' : ''} ${line.state ?? ''} ${line.picture ? 'pictured' : ''}`}
            >
              <div class="bubble">
                {line.picture && (
                  <button
                    type="button"
                    class="picture"
                    aria-label={`${words.enlarge}${line.text ? `: ${line.text}` : ''}`}
                    onClick={() => enlarge(line)}
                  >
                    <img src={line.picture} alt="" onLoad={toEnd} />
                  </button>
                )}
                {line.file &&
                  (line.file.url ? (
                    <a class="file" href={line.file.url} download={line.file.name || true}>
                      {line.file.name || words.file}
                    </a>
                  ) : (
                    <span class="file">{line.file.name}</span>
                  ))}
                <span class="unseen">{line.mine ? words.you : words.bot}: </span>
                <span class="words">{linked(line.text)}</span>
                <time class="time">{clock(line.at, language)}</time>
              </div>
              {line.state === 'failed' && (
                <div class="state">
                  {words.failed}{' '}
                  <button type="button" onClick={() => retry(line)}>
                    {words.again}
                  </button>
                </div>
              )}
              {line.buttons.length > 0 && (
                <div class="choices">
                  {line.buttons.map((row, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
                    <div key={at}>
                      {row.map((button) => (
                        <Choice
                          key={button.label}
                          button={button}
                          off={readOnly}
                          press={() => press(button, line)}
                        />
                      ))}
                    </div>
                  ))}
                </div>
              )}
            </div>
          </>
        );
      })}
      {typing && (
        <div class="line typing">
          <div class="bubble">
            <i />
            <i />
            <i />
            <span class="unseen">{words.typing}</span>
          </div>
        </div>
      )}
      {large && <Large line={large} words={words} close={() => enlarge(null)} />}
    </div>
  );
}

function Choice({ button, off, press }: { button: Button; off?: boolean; press(): void }) {
  if (button.open) {
    const safe = /^(https?|tg|mailto|tel):/i.test(button.open);
    return (
      <a class="choice" href={safe ? button.open : '#'} target="_blank" rel="noopener noreferrer">
        {button.label}
      </a>
    );
  }
  return (
    <button type="button" class="choice" disabled={off} onClick={press}>
      {button.label}
    </button>
  );
}

function Large({ line, words, close }: { line: Line; words: Words; close(): void }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog
      class="large"
      ref={box}
      aria-label={line.text || words.enlarge}
      onClose={close}
      onClick={() => box.current?.close()}
    >
      <img src={line.picture} alt={line.text} />
      <button type="button" class="round" aria-label={words.shut}>
        ✕
      </button>
    </dialog>
  );
}

interface ComposerProps {
  words: Words;
  /** Typed text outlives the page under this name. */
  draft?: string;
  write(text: string): void;
  attach(file: File): void;
}

/** The field is as high as what is written in it, which is kept. */
function stretch(box: HTMLTextAreaElement, draft?: string): void {
  box.style.height = 'auto';
  box.style.height = `${Math.max(44, Math.min(box.scrollHeight + 2, 132))}px`;
  if (draft) session(draft, box.value);
}

export function Composer({ words, draft, write, attach }: ComposerProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!area.current) return;
    if (draft) area.current.value = session(draft) ?? '';
    stretch(area.current, draft);
  }, [draft]);
  const submit = () => {
    const text = area.current?.value.trim();
    if (!area.current || !text) return;
    area.current.value = '';
    stretch(area.current, draft);
    write(text);
  };
  const typed = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  };
  const chosen = () => {
    const one = file.current?.files?.[0];
    if (one) attach(one);
    if (file.current) file.current.value = '';
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        area.current?.focus();
      }}
    >
      <input
        ref={file}
        type="file"
        class="unseen"
        accept="image/*"
        tabIndex={-1}
        aria-hidden="true"
        onChange={chosen}
      />
      <button type="button" class="round" aria-label={words.attach} onClick={() => file.current?.click()}>
        <AttachIcon />
      </button>
      <textarea
        ref={area}
        rows={1}
        maxLength={4000}
        enterkeyhint="send"
        placeholder={words.write}
        aria-label={words.write}
        onInput={(event) => stretch(event.currentTarget, draft)}
        onKeyDown={typed}
      />
      <button type="submit" class="round send" aria-label={words.send}>
        <SendIcon />
      </button>
    </form>
  );
}

/** What a tab keeps: read without a text, kept with one. */
function session(name: string, text?: string): string | null {
  try {
    if (text === undefined) return sessionStorage.getItem(name);
    sessionStorage.setItem(name, text);
  } catch {
    // a private window
  }
  return null;
}

function linked(text: string) {
  const parts = text.split(/(https?:\/\/[^\s<>"«»]*[^\s<>"«».,;:!?)])/);
  return parts.map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <a key={part} href={part} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    ),
  );
}

function clock(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at);
}

function dayOf(at: number, language: string, words: Words): string {
  const days = (new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000;
  if (days < 0.5) return words.today;
  if (days < 1.5) return words.yesterday;
  const year = days > 300 ? 'numeric' : undefined;
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year }).format(at);
}
