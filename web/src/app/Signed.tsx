import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { onSignedOut, Problem } from '../api/client';
import { ME, SignedIn } from '../api/session';
import { keepTimeOf } from '../lib/format';
import { ErrorNote, RowsSkeleton } from '../ui/States';
import { isServed } from './features';

/** Everything below is for somebody who is signed in; whoever is not goes to sign in and comes back. */
export function Signed() {
  const me = useQuery(ME);
  const router = useRouter();
  const out = me.error instanceof Problem && me.error.status === 401 && isServed('/sign-in');
  useEffect(() => {
    // The place is read when it is left: following it would go to sign in again while that page is still being brought.
    const leave = () => {
      const { href, pathname } = router.latestLocation;
      if (!isServed('/sign-in') || pathname === '/sign-in') return;
      void router.navigate({ to: '/sign-in', search: { back: href } as never, replace: true });
    };
    if (out) leave();
    return onSignedOut(leave);
  }, [out, router]);
  if (out) return null;
  if (me.error) return <ErrorNote problem={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <RowsSkeleton />;
  keepTimeOf(me.data.zone);
  return (
    <SignedIn me={me.data}>
      <Outlet />
    </SignedIn>
  );
}
