import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useMe } from '../api/session';
import { isNarrow } from '../app/features';
import { useWords } from '../i18n';
import { Counter } from '../ui/Chip';
import { Logo } from '../ui/Logo';
import { Company } from './Company';
import { useCounters } from './counters';
import { groupsFor, type Section } from './navigation';
import { Person } from './Person';
import classes from './Rail.module.css';

/** Where one goes from: company, sections, oneself. */
export function Rail() {
  const t = useWords();
  const me = useMe();
  const counters = useCounters();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place has another section
  useEffect(() => list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' }), [path]);
  return (
    <nav className={classes.rail} data-narrow={isNarrow(path) || undefined} aria-label={t('nav.menu')}>
      <Link to="/" className={classes.brand}>
        <Logo size={32} />
        <span>{t('product')}</span>
      </Link>
      <Company />
      <div ref={list} className={classes.scroll} tabIndex={0} role="group" aria-label={t('nav.menu')}>
        {groupsFor(me.rights).map((group) => (
          <div key={group.title ?? ''} className={classes.group}>
            {group.title && <p className={classes.title}>{t(`nav.groups.${group.title}`)}</p>}
            {group.sections.map((section) => (
              <Item
                key={section.to}
                section={section}
                title={t(`nav.${section.name}`)}
                count={counters[section.name]}
              />
            ))}
          </div>
        ))}
      </div>
      <Person />
    </nav>
  );
}

function Item({
  section,
  title,
  count,
}: {
  section: Section;
  title: string;
  count?: { count: number; mine: boolean };
}) {
  const Icon = section.icon;
  return (
    <Link
      to={section.to}
      // For the rail that shows nothing but pictures.
      title={title}
      className={classes.item}
      activeProps={{ 'data-active': true, 'aria-current': 'page' }}
    >
      <Icon size={19} stroke={1.7} />
      <span className={classes.name}>{title}</span>
      {count && <Counter count={count.count} mine={count.mine} />}
    </Link>
  );
}
