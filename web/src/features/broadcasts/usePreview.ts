import { api } from '../../api/client';

/** Whom a broadcast would reach, and how it reads to somebody who is really there. */
export function usePreview(id: string | undefined, wanted = true) {
  const somebody = api.useQuery('get', '/api/v1/contacts', { params: { query: { limit: 20 } } });
  const contact = somebody.data?.items.find((one) => one.name)?.id;
  return api.useQuery(
    'get',
    '/api/v1/broadcasts/{id}/preview',
    { params: { path: { id: id ?? '' }, query: { contact } } },
    { enabled: id !== undefined && wanted && !somebody.isPending, retry: false },
  );
}
