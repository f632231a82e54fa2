import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { type Language, language, speak, useWords } from '../../i18n';
import { Logo } from '../../ui/Logo';
import classes from './Gate.module.css';
import './words';

/** The lacquer tray with the samovar, and beside it the form by which one comes in. */
export function Gate({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  const t = useWords('entry');
  const product = t('common:product');
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  return (
    <div className={classes.gate}>
      <aside className={classes.tray}>
        <div className={classes.brand}>
          <Logo size={44} />
          <span>{product}</span>
        </div>
        <div className={classes.said}>
          <p className={classes.motto}>{t('motto')}</p>
          <p className={classes.mottoHint}>{t('mottoHint')}</p>
        </div>
      </aside>
      <main className={classes.side}>
        <div className={classes.form}>
          <h1>{title}</h1>
          {hint && <p className={classes.hint}>{hint}</p>}
          {children}
        </div>
        <SegmentedControl
          className={classes.language}
          size="xs"
          aria-label={t('language')}
          value={language()}
          onChange={(value) => void speak(value as Language)}
          data={[
            { value: 'ru', label: 'Русский' },
            { value: 'en', label: 'English' },
          ]}
        />
      </main>
    </div>
  );
}

/** Goes on into the console; everything is read anew by the one who came in. Only addresses of ours. */
export function goIn(back?: unknown): void {
  const ours = typeof back === 'string' && /^\/(?![/\\])/.test(back) && !back.startsWith('/sign-in');
  window.location.replace(ours ? back : '/');
}
