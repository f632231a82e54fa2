import { lazy, Suspense } from 'react';
import { useMe } from '../api/session';
import { Avatar } from '../ui/Avatar';
import classes from './Person.module.css';

const Menu = lazy(() => import('./PersonMenu').then(({ PersonMenu }) => ({ default: PersonMenu })));

/** Oneself. What opens from it comes a moment after the page. */
export function Person() {
  const me = useMe();
  const name = me.user?.name ?? me.actor;
  const button = (
    <button type="button" className={classes.person}>
      <Avatar name={name} size={34} />
      <span className={classes.name}>{name}</span>
    </button>
  );
  return (
    <Suspense fallback={button}>
      <Menu>{button}</Menu>
    </Suspense>
  );
}
