import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { language } from '../../i18n';

/** Roles to choose from, in the language of the reader. */
export function useRoles() {
  const all = api.useQuery('get', '/api/v1/roles', { params: { query: { locale: language() } } });
  const choices = (all.data ?? []).map((one) => ({ value: one.role, label: capital(one.title) }));
  return { all, choices };
}

/** Channels to choose from; none for whoever does not see them. */
export function useChannels() {
  const may = useMay('channels_read');
  const all = api.useQuery(
    'get',
    '/api/v1/channels',
    { params: { query: { limit: 200 } } },
    { enabled: may },
  );
  return (all.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
}

/** «Кассир»: a role at the beginning of a line. */
export const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
