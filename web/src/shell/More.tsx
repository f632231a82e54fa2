import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '../api/session';
import { useWords } from '../i18n';
import classes from './BottomBar.module.css';
import { groupsFor } from './navigation';
import { Person } from './Person';

/** All sections, on a phone. */
export function More({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useWords();
  const me = useMe();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="bottom"
      size="80%"
      title={t('nav.menu')}
      closeButtonProps={{ 'aria-label': t('do.close') }}
    >
      {groupsFor(me.rights).map((group) => (
        <div key={group.title ?? ''} className={classes.group}>
          {group.title && <p>{t(`nav.groups.${group.title}`)}</p>}
          {group.sections.map((section) => {
            const Icon = section.icon;
            return (
              <Link key={section.to} to={section.to} className={classes.row} onClick={onClose}>
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
  );
}
