import { api } from '../api/client';
import { useMe } from '../api/session';
import { Avatar } from '../ui/Avatar';
import classes from './Company.module.css';

/** Which company this is. */
export function Company() {
  const me = useMe();
  const tenant = api.useQuery(
    'get',
    '/api/v1/tenant',
    {},
    { enabled: me.rights.includes('settings_read'), staleTime: 300_000 },
  );
  if (!tenant.data) return null;
  return (
    <div className={classes.company}>
      <Avatar name={tenant.data.name} size={32} square />
      <span className={classes.name}>{tenant.data.name}</span>
    </div>
  );
}
