import { useMemo, useSyncExternalStore } from 'react';
import { ru } from './ru';
import { type Say, saying, type Texts } from './say';

export type { Say } from './say';

/** Languages of the console. */
export type Language = 'ru' | 'en';

/** The shape of `T` with any texts: English must have every key that Russian has. */
export type Words<T> = { [K in keyof T]: T[K] extends string ? string : Words<T[K]> };

const KEPT = 'samovar.language';
const COMMON = 'common';
/** Words by feature; the common English ones come when English is spoken. */
const known = new Map<string, { ru: Texts; en?: Texts }>([[COMMON, { ru }]]);
const listeners = new Set<() => void>();
let spoken = firstLanguage();
document.documentElement.lang = spoken;

/** Settles when the words of the language chosen before are there. */
export const ready = wordsOf(spoken);

/** The language chosen before, or that of the browser. */
function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'ru' || kept === 'en') return kept;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

async function wordsOf(language: Language): Promise<void> {
  if (language === 'en') known.set(COMMON, { ru, en: (await import('./en')).en });
}

/** Adds the words of a feature; called by the feature's `routes.tsx` when it is loaded. */
export function addWords(feature: string, words: { ru: Texts; en: Texts }): void {
  known.set(feature, words);
}

/** Speaks another language from now on. */
export async function speak(language: Language): Promise<void> {
  await wordsOf(language);
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  spoken = language;
  for (const tell of listeners) tell();
}

/** The language now. */
export const language = (): Language => spoken;

/** A common word for where no component is at hand. */
export const word: Say = (key, values) => sayIn(COMMON, spoken)(key, values);

/** Words of a feature (or the common ones): `const t = useWords('inbox')`. Another language draws anew. */
export function useWords(feature = COMMON): Say {
  const now = useSyncExternalStore(listen, language);
  return useMemo(() => sayIn(feature, now), [feature, now]);
}

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** In the feature's words before the common ones, in `language` before Russian. */
function sayIn(feature: string, language: Language): Say {
  return saying((named) =>
    (named ? [named] : [feature, COMMON]).flatMap((one) => {
      const words = known.get(one);
      if (!words) return [];
      const russian: [string, Texts] = ['ru', words.ru];
      return language === 'en' && words.en ? [['en', words.en], russian] : [russian];
    }),
  );
}
