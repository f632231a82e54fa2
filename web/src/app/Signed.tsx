import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api, onSignedOut, Problem } from '../api/client';
import { SignedIn } from '../api/session';
import { ErrorNote, RowsSkeleton } from '../ui/States';
import { isServed } from './features';

/** Everything below is for somebody who is signed in; whoever is not goes to sign in and comes back. */
export function Signed() {
  const me = api.useQuery('get', '/api/v1/me', {}, { staleTime: 60_000, retry: false });
  const go = useNavigate();
  const here = useRouterState({ select: (state) => state.location.href });
  const out = me.error instanceof Problem && me.error.status === 401 && isServed('/sign-in');
  useEffect(() => {
    const leave = () =>
      isServed('/sign-in') && void go({ to: '/sign-in', search: { back: here } as never, replace: true });
    if (out) leave();
    return onSignedOut(leave);
  }, [out, go, here]);
  if (out) return null;
  if (me.error) return <ErrorNote problem={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <RowsSkeleton />;
  return (
    <SignedIn me={me.data}>
      <Outlet />
    </SignedIn>
  );
}
