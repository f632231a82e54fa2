import { Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { fetcher } from '../api/client';
import { useMe } from '../api/session';
import { isServed } from '../app/features';
import { type Language, language, speak, useWords } from '../i18n';
import { tellProblem } from '../lib/notify';
import classes from './Person.module.css';

/** Theme, language, profile, the way out, behind the button that is given. */
export function PersonMenu({ children }: { children: ReactElement }) {
  const t = useWords();
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const client = useQueryClient();
  const name = me.user?.name ?? me.actor;
  const say = (language: Language) => {
    void speak(language);
    // Letters and names of roles follow.
    if (!me.user) return;
    const kept = fetcher.PATCH('/api/v1/user', { body: { locale: language } });
    void kept.then(() => client.invalidateQueries()).catch(() => undefined);
  };
  const leave = () =>
    fetcher
      .POST('/api/v1/user/sign-out')
      .then(() => window.location.assign('/sign-in'))
      .catch(tellProblem);
  return (
    <Menu position="top-start" width={240}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {me.user && isServed('/account') && (
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
            onChange={(value) => say(value as Language)}
            data={[
              { value: 'ru', label: 'Русский' },
              { value: 'en', label: 'English' },
            ]}
          />
        </div>
        {me.user && (
          <Menu.Item onClick={() => void leave()} leftSection={<IconLogout size={16} />}>
            {t('do.signOut')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
