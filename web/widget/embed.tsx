// The widget: `<script src="https://…/widget.js" data-channel="site-k3m9q2" async></script>` on any page.
//
// It stands in a shadow root, so that neither page nor widget can disturb the other's looks, and speaks with the server
// that the script came from. Nothing is asked of that server before somebody opens it, but for its looks and for a
// conversation that was begun before. `data-language` ("ru", "en") and `data-open` are optional.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { remember, remembered } from './client';
import { BubbleIcon, CloseIcon, SoundIcon } from './icons';
import { Room } from './Room';
import { ring } from './ring';
import { adopt } from './style';
import { useChat } from './useChat';
import { wordsOf } from './words';

interface Looks {
  title: string;
  greeting?: string;
  colour?: string;
  side: 'left' | 'right';
  locale: string;
}

const FOCUSABLE = 'button:not([disabled]),a[href],textarea,[tabindex="0"]';

// A script that is parsed knows itself; one that was put there by another finds itself by its address.
const script = (document.currentScript ??
  document.querySelector('script[data-channel][src*="widget.js"]')) as HTMLScriptElement | null;
if (script?.dataset.channel) place(script.src, script.dataset.channel, script.dataset);

async function place(source: string, channel: string, wishes: DOMStringMap): Promise<void> {
  const base = new URL(`/chat/${encodeURIComponent(channel)}`, source).href;
  const answer = await fetch(`${base}/look`, { credentials: 'omit' }).catch(() => null);
  if (!answer?.ok)
    return console.warn(
      `samovar: the chat ${channel} cannot be shown on this page (${answer?.status ?? 'no answer'})`,
    );
  const looks = (await answer.json()) as Looks;
  if (!document.body)
    await new Promise((ready) => document.addEventListener('DOMContentLoaded', ready, { once: true }));
  if (document.getElementById('samovar-widget')) return;
  const host = document.createElement('div');
  host.id = 'samovar-widget';
  const root = host.attachShadow({ mode: 'open' });
  adopt(root);
  document.body.append(host);
  const language = wishes.language ?? (document.documentElement.lang.startsWith('en') ? 'en' : looks.locale);
  render(
    <Widget
      base={base}
      looks={looks}
      language={language === 'en' ? 'en' : 'ru'}
      shownAtFirst={'open' in wishes}
    />,
    root,
  );
}

interface WidgetProps {
  base: string;
  looks: Looks;
  language: string;
  shownAtFirst: boolean;
}

function Widget({ base, looks, language, shownAtFirst }: WidgetProps) {
  const words = wordsOf(language);
  const kept = `samovar.widget.${new URL(base).pathname}`;
  const [shown, show] = useState(
    () => remembered(`${kept}.shown`) === '1' || (shownAtFirst && remembered(`${kept}.shown`) === null),
  );
  const [sound, setSound] = useState(() => remembered(`${kept}.sound`) === '1');
  const [seen, setSeen] = useState(() => remembered(`${kept}.seen`));
  const [chat, view] = useChat(base, language);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const byHand = useRef(false);

  const said = view.lines.filter((line) => !line.mine);
  const last = said.at(-1)?.id;
  const unread = shown || !last ? 0 : said.length - 1 - said.findIndex((line) => line.id === seen);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the conversation is the same for ever
  useEffect(() => {
    if (shown || chat.known) chat.open();
  }, [shown]);
  useEffect(() => {
    if (!shown || !last) return;
    setSeen(last);
    remember(`${kept}.seen`, last);
  }, [shown, last, kept]);
  useEffect(() => {
    remember(`${kept}.shown`, shown ? '1' : byHand.current ? '0' : remembered(`${kept}.shown`));
    if (byHand.current && !shown) button.current?.focus();
  }, [shown, kept]);
  // What one goes on with comes when the conversation was read, and changes when it begins.
  useEffect(() => {
    if (!byHand.current || !shown) return;
    const next = !view.open ? '.log' : view.fresh ? '.begin button' : 'textarea';
    box.current?.querySelector<HTMLElement>(next)?.focus();
  }, [shown, view.open, view.fresh]);
  // The stream is read anew after a reload: only what comes while the page is open makes a sound.
  const heard = useRef(0);
  useEffect(() => {
    if (sound && heard.current > 0 && said.length > heard.current && (!shown || document.hidden)) ring();
    heard.current = said.length;
  }, [said.length, shown, sound]);

  const turn = (on: boolean) => {
    byHand.current = true;
    show(on);
  };
  /** The keyboard stays inside while the window is open; Esc closes it. */
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      return turn(false);
    }
    if (event.key !== 'Tab' || !box.current) return;
    const all = [...box.current.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
      (one) => one.offsetParent !== null,
    );
    const active = (box.current.getRootNode() as ShadowRoot).activeElement;
    const edge = event.shiftKey ? all[0] : all.at(-1);
    if (active !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0])?.focus();
  };

  return (
    <div
      class={`sv ${looks.side} ${shown ? 'shown' : ''}`}
      lang={language}
      ref={(node) => {
        if (looks.colour) node?.style.setProperty('--own', looks.colour);
      }}
    >
      {shown && (
        <div class="window chat" ref={box} role="dialog" aria-label={looks.title} onKeyDown={keys}>
          <Room
            chat={chat}
            view={view}
            words={words}
            language={language}
            title={looks.title}
            greeting={looks.greeting}
            draft={`${kept}.draft`}
          >
            <button
              type="button"
              class="round"
              aria-pressed={sound}
              aria-label={sound ? words.soundOff : words.soundOn}
              onClick={() => {
                setSound(!sound);
                remember(`${kept}.sound`, sound ? '0' : '1');
              }}
            >
              <SoundIcon on={sound} />
            </button>
            <button type="button" class="round" aria-label={words.close} onClick={() => turn(false)}>
              <CloseIcon />
            </button>
          </Room>
        </div>
      )}
      <button
        type="button"
        class="launcher"
        ref={button}
        aria-expanded={shown}
        aria-label={shown ? words.close : unread > 0 ? `${words.open}. ${words.unread(unread)}` : words.open}
        onClick={() => turn(!shown)}
      >
        {shown ? <CloseIcon /> : <BubbleIcon />}
        {unread > 0 && (
          <span class="badge" aria-hidden="true">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </button>
      <span class="unseen" role="status">
        {unread > 0 ? words.unread(unread) : ''}
      </span>
    </div>
  );
}
