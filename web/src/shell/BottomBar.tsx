import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useMe } from '../api/session';
import { useWords } from '../i18n';
import { Counter } from '../ui/Chip';
import classes from './BottomBar.module.css';
import { useCounters } from './counters';
import { groupsFor } from './navigation';

const PLACES = 4;
const More = lazy(() => import('./More').then(({ More }) => ({ default: More })));

/** The bar of a phone: four sections and the rest. A conversation hides it by `data-immersed` on the document's root. */
export function BottomBar() {
  const t = useWords();
  const me = useMe();
  const counters = useCounters();
  const [opened, setOpened] = useState(false);
  const [asked, setAsked] = useState(false);
  const open = () => {
    setAsked(true);
    setOpened(true);
  };
  const main = groupsFor(me.rights)
    .flatMap((group) => group.sections)
    .filter((section) => section.phone)
    .slice(0, PLACES);
  return (
    <nav className={classes.bar} aria-label={t('nav.menu')}>
      {main.map((section) => {
        const Icon = section.icon;
        const count = counters[section.name];
        return (
          <Link
            key={section.to}
            to={section.to}
            className={classes.item}
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
          >
            <Icon size={22} stroke={1.7} />
            {t(`nav.${section.name}`)}
            {count && (
              <span className={classes.count}>
                <Counter count={count.count} mine={count.mine} />
              </span>
            )}
          </Link>
        );
      })}
      <button type="button" className={classes.item} onClick={open}>
        <IconDots size={22} stroke={1.7} />
        {t('nav.more')}
      </button>
      {asked && (
        <Suspense>
          <More opened={opened} onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </nav>
  );
}
