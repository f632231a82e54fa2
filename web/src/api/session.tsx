import { createContext, type ReactNode, use } from 'react';
import { api, showing } from './client';
import type { components } from './schema';

/** Who sits here: the answer of `GET /me`. */
export type Me = components['schemas']['Me'];

/** Asks who is signed in. */
export const ME = api.queryOptions('get', '/api/v1/me', {}, { staleTime: 60_000, retry: false });

const Session = createContext<Me | null>(null);

/** Gives everything below it the one who is signed in. */
export function SignedIn({ me, children }: { me: Me; children: ReactNode }) {
  showing(me.tenant_id);
  return <Session value={me}>{children}</Session>;
}

/** Who is signed in. Only under `SignedIn`. */
export function useMe(): Me {
  const me = use(Session);
  if (!me) throw new Error('nobody is signed in here');
  return me;
}

/** Whether the one who is signed in may do this; the server decides anyway, this only hides what would be refused. */
export function useMay(right: string | undefined): boolean {
  const rights = use(Session)?.rights ?? [];
  return right === undefined || rights.includes(right);
}
