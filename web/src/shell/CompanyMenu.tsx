import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { fetcher } from '../api/client';
import { useMe } from '../api/session';
import { tellProblem } from '../lib/notify';
import { Avatar } from '../ui/Avatar';

/** The companies in which one works, behind the button that is given. */
export function CompanyMenu({ children }: { children: ReactElement }) {
  const me = useMe();
  const look = (company_id: string) =>
    fetcher
      .POST('/api/v1/user/company', { body: { company_id } })
      // Everything on the page belongs to the other company: it is read anew.
      .then(() => window.location.assign('/'))
      .catch(tellProblem);
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {me.companies.map((one) => (
          <Menu.Item
            key={one.id}
            leftSection={<Avatar name={one.name} size={24} square />}
            rightSection={one.id === me.company.id && <IconCheck size={16} />}
            aria-current={one.id === me.company.id || undefined}
            onClick={() => one.id !== me.company.id && void look(one.id)}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
