import { Outlet, useRouterState } from '@tanstack/react-router';
import { isNarrow } from '../app/features';
import { useWords } from '../i18n';
import { useConnected, useLive } from '../lib/live';
import { BottomBar } from './BottomBar';
import { Help } from './Help';
import { Palette } from './Palette';
import { Rail } from './Rail';
import classes from './Shell.module.css';

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
      <Palette />
      <Help />
    </div>
  );
}
