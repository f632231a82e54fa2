// The chat on a page of its own: /chat/<channel>.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { remember, remembered } from './client';
import { Room } from './Room';
import { adopt } from './style';
import { useChat } from './useChat';
import { wordsOf } from './words';

const asked = new URLSearchParams(location.search);
const language = (asked.get('lang') ?? remembered('samovar.lang')) === 'en' ? 'en' : 'ru';
remember('samovar.lang', language);
document.documentElement.lang = language;
adopt(document);

const base = new URL(location.pathname.replace(/\/$/, ''), location.href).href;
render(<Page />, document.getElementById('root') as HTMLElement);

function Page() {
  const words = wordsOf(language);
  const [looks, setLooks] = useState<{ title?: string; greeting?: string }>({});
  const [chat, view] = useChat(base, language, asked.get('start'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    chat.open();
    fetch(`${base}/look`)
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then(setLooks)
      .catch(() => {});
  }, []);
  useEffect(() => {
    document.title = looks.title ?? words.chat;
  }, [looks.title, words.chat]);
  // The payload has done its work once the conversation goes on: a reload must not begin anew.
  useEffect(() => {
    if (view.fresh || !asked.has('start')) return;
    const here = new URL(location.href);
    here.searchParams.delete('start');
    history.replaceState(null, '', here);
  }, [view.fresh]);
  const other = language === 'ru' ? 'en' : 'ru';
  return (
    <main class="sv chat page">
      <Room
        chat={chat}
        view={view}
        words={words}
        language={language}
        title={looks.title ?? words.chat}
        greeting={looks.greeting}
        draft={`samovar.page.${base}`}
      >
        <a href={`?lang=${other}`} lang={other}>
          {other === 'en' ? 'English' : 'Русский'}
        </a>
      </Room>
    </main>
  );
}
