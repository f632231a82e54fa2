import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import { en } from './en';
import { ru } from './ru';

/** Languages of the console. */
export type Language = 'ru' | 'en';

/** The shape of `T` with any texts: English must have every key that Russian has. */
export type Words<T> = { [K in keyof T]: T[K] extends string ? string : Words<T[K]> };

const KEPT = 'samovar.language';

/** The language chosen before, or that of the browser. */
function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'ru' || kept === 'en') return kept;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

void i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: 'ru',
  ns: ['common'],
  defaultNS: 'common',
  resources: { ru: { common: ru }, en: { common: en } },
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
});
document.documentElement.lang = i18next.language;

/** Adds the words of a feature; called by the feature's `routes.tsx` when it is loaded. */
export function addWords(feature: string, words: { ru: object; en: object }): void {
  i18next.addResourceBundle('ru', feature, words.ru, true, true);
  i18next.addResourceBundle('en', feature, words.en, true, true);
}

/** Speaks another language from now on. */
export function speak(language: Language): void {
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

/** The language now. */
export const language = (): Language => (i18next.language === 'en' ? 'en' : 'ru');

/** A common word for where no component is at hand. */
export const word = (key: string): string => i18next.t(key);

/** Words of a feature (or the common ones): `const t = useWords('inbox')`. */
export function useWords(feature = 'common') {
  return useTranslation([feature, 'common']).t;
}
