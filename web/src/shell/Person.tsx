import { Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMe } from '../api/session';
import { isServed } from '../app/features';
import { type Language, language, speak, useWords } from '../i18n';
import { Avatar } from '../ui/Avatar';
import classes from './Person.module.css';

/** Oneself: theme, language, profile, the way out. */
export function Person() {
  const t = useWords();
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = me.actor;
  return (
    <Menu position="top-start" width={240}>
      <Menu.Target>
        <button type="button" className={classes.person}>
          <Avatar name={name} size={34} />
          <span className={classes.name}>{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {isServed('/account') && (
          <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} />}>
            {name}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconSun size={16} />}
          onClick={() => setColorScheme('light')}
          aria-current={colorScheme === 'light'}
        >
          {t('theme.light')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconMoon size={16} />}
          onClick={() => setColorScheme('dark')}
          aria-current={colorScheme === 'dark'}
        >
          {t('theme.dark')}
        </Menu.Item>
        <Menu.Divider />
        <div className={classes.language}>
          <IconLanguage size={16} aria-hidden />
          <SegmentedControl
            size="xs"
            aria-label={t('language')}
            value={language()}
            onChange={(value) => speak(value as Language)}
            data={[
              { value: 'ru', label: 'Русский' },
              { value: 'en', label: 'English' },
            ]}
          />
        </div>
        {isServed('/sign-out') && (
          <Menu.Item component={Link} to="/sign-out" leftSection={<IconLogout size={16} />}>
            {t('do.signOut')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
