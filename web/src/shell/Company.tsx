import { Menu } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { fetcher } from '../api/client';
import { useMe } from '../api/session';
import { tellProblem } from '../lib/notify';
import { Avatar } from '../ui/Avatar';
import classes from './Company.module.css';

/** Which company this is, and the others in which one works. */
export function Company() {
  const me = useMe();
  const { company } = me;
  const here = (
    <>
      <Avatar name={company.name} size={32} square />
      <span className={classes.name}>
        {company.name}
        {company.role_title && <span className={classes.role}>{company.role_title}</span>}
      </span>
    </>
  );
  if (me.companies.length < 2) return <div className={classes.company}>{here}</div>;
  const look = (company_id: string) =>
    fetcher
      .POST('/api/v1/user/company', { body: { company_id } })
      // Everything on the page belongs to the other company: it is read anew.
      .then(() => window.location.assign('/'))
      .catch(tellProblem);
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <button type="button" className={classes.company}>
          {here}
          <IconSelector size={16} className={classes.turn} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {me.companies.map((one) => (
          <Menu.Item
            key={one.id}
            leftSection={<Avatar name={one.name} size={24} square />}
            rightSection={one.id === company.id && <IconCheck size={16} />}
            aria-current={one.id === company.id || undefined}
            onClick={() => one.id !== company.id && void look(one.id)}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
