import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMe } from '../api/session';
import { useWords } from '../i18n';
import { Counter } from '../ui/Chip';
import classes from './BottomBar.module.css';
import { useCounters } from './counters';
import { groupsFor } from './navigation';
import { Person } from './Person';

const PLACES = 4;

/** The bar of a phone: four sections and the rest. A conversation hides it by `data-immersed` on the document's root. */
export function BottomBar() {
  const t = useWords();
  const me = useMe();
  const counters = useCounters();
  const [opened, more] = useDisclosure(false);
  const groups = groupsFor(me.rights);
  const main = groups
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
      <button type="button" className={classes.item} onClick={more.open}>
        <IconDots size={22} stroke={1.7} />
        {t('nav.more')}
      </button>
      <Drawer
        opened={opened}
        onClose={more.close}
        position="bottom"
        size="80%"
        title={t('nav.menu')}
        closeButtonProps={{ 'aria-label': t('do.close') }}
      >
        {groups.map((group) => (
          <div key={group.title ?? ''} className={classes.group}>
            {group.title && <p>{t(`nav.groups.${group.title}`)}</p>}
            {group.sections.map((section) => {
              const Icon = section.icon;
              return (
                <Link key={section.to} to={section.to} className={classes.row} onClick={more.close}>
                  <Icon size={20} stroke={1.7} />
                  {t(`nav.${section.name}`)}
                </Link>
              );
            })}
          </div>
        ))}
        <div className={classes.person}>
          <Person />
        </div>
      </Drawer>
    </nav>
  );
}
