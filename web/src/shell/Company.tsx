import { IconSelector } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useMe } from '../api/session';
import { Avatar } from '../ui/Avatar';
import classes from './Company.module.css';

const Menu = lazy(() => import('./CompanyMenu').then(({ CompanyMenu }) => ({ default: CompanyMenu })));

/** Which company this is, and the way to the others in which one works. */
export function Company() {
  const { company, companies } = useMe();
  const here = (
    <>
      <Avatar name={company.name} size={32} square />
      <span className={classes.name}>
        {company.name}
        {company.role_title && <span className={classes.role}>{company.role_title}</span>}
      </span>
    </>
  );
  if (companies.length < 2) return <div className={classes.company}>{here}</div>;
  const button = (
    <button type="button" className={classes.company}>
      {here}
      <IconSelector size={16} className={classes.turn} aria-hidden />
    </button>
  );
  return (
    <Suspense fallback={button}>
      <Menu>{button}</Menu>
    </Suspense>
  );
}
