// The inside of the chat, in the widget and on a page of its own: what was said, and how to go on.
import type { ComponentChildren } from 'preact';
import type { Chat, View } from './client';
import { Logo } from './icons';
import { Composer, Talk } from './Talk';
import type { Words } from './words';

interface RoomProps {
  chat: Chat;
  view: View;
  words: Words;
  language: string;
  title: string;
  greeting?: string;
  draft: string;
  /** What stands at the right of the title. */
  children?: ComponentChildren;
}

export function Room({ chat, view, words, language, title, greeting, draft, children }: RoomProps) {
  return (
    <>
      <header class="head">
        <Logo />
        <h1>{title}</h1>
        {children}
      </header>
      <div class="notice" role="status">
        {view.trouble ? words[view.trouble] : ''}
      </div>
      <Talk
        lines={view.lines}
        words={words}
        language={language}
        typing={view.typing}
        press={(button, line) => chat.press(button, line)}
        retry={(line) => chat.retry(line)}
      />
      {!view.open ? null : view.fresh ? (
        <div class="begin">
          <p>{greeting ?? words.welcome}</p>
          <button type="button" class="primary" onClick={() => chat.begin().catch(() => {})}>
            {words.start}
          </button>
        </div>
      ) : (
        <Composer
          words={words}
          draft={draft}
          write={(text) => chat.write(text)}
          attach={(file) => chat.attach(file)}
        />
      )}
    </>
  );
}
