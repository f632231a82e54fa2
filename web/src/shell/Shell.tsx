import { useHotkeys } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { isNarrow } from '../app/features';
import { useWords } from '../i18n';
import { useConnected, useLive } from '../lib/live';
import { BottomBar } from './BottomBar';
import { Rail } from './Rail';
import classes from './Shell.module.css';

// Brought by the key that opens them.
const WINDOWS = {
  help: lazy(() => import('./Help').then(({ Help }) => ({ default: Help }))),
  palette: lazy(() => import('./Palette').then(({ Palette }) => ({ default: Palette }))),
};

/** Rail at the left (a bar below on a phone), the page at the right. */
export function Shell() {
  const t = useWords();
  const connected = useConnected();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useLive();
  return (
    <div className={classes.shell} data-narrow={isNarrow(path) || undefined}>
      <a href="#main" className={classes.skip}>
        {t('do.open')}
      </a>
      <Rail />
      <div className={classes.page}>
        {!connected && (
          <div className={classes.offline} role="status">
            {t('say.offline')}
          </div>
        )}
        <Outlet />
      </div>
      <BottomBar />
      <Windows />
    </div>
  );
}

/** What opens over any page by a key. A window that was open once stays, to close gently. */
function Windows() {
  const [opened, setOpened] = useState<keyof typeof WINDOWS>();
  const [seen, setSeen] = useState<(keyof typeof WINDOWS)[]>([]);
  const open = (name: keyof typeof WINDOWS) => {
    setOpened(name);
    setSeen((before) => (before.includes(name) ? before : [...before, name]));
  };
  useHotkeys([['shift+?', () => open('help')]]);
  // From within fields too.
  useHotkeys([['mod+K', () => open('palette')]], []);
  return (
    <Suspense>
      {seen.map((name) => {
        const Window = WINDOWS[name];
        return <Window key={name} opened={opened === name} onClose={() => setOpened(undefined)} />;
      })}
    </Suspense>
  );
}
