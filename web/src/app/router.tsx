import {
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMay, useMe } from '../api/session';
import { groupsFor } from '../shell/navigation';
import { Shell } from '../shell/Shell';
import { ErrorNote, NoRight, RowsSkeleton } from '../ui/States';
import { FEATURES, type FeatureRoute } from './features';
import { NotFound } from './NotFound';
import { Signed } from './Signed';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const signed = createRoute({ getParentRoute: () => root, id: 'signed', component: Signed });
const framed = createRoute({ getParentRoute: () => signed, id: 'framed', component: Shell });

const index = createRoute({ getParentRoute: () => framed, path: '/', component: First });

/** The first section that this person may see. */
function First() {
  const me = useMe();
  const first = groupsFor(me.rights)[0]?.sections[0];
  return first ? <Navigate to={first.to} replace /> : <NotFound />;
}

/** Asks for the right of the page before the page asks the server. */
function guarded(route: FeatureRoute) {
  const Page = lazy(route.page);
  const loaded = (
    <Suspense fallback={<RowsSkeleton />}>
      <Page />
    </Suspense>
  );
  if (!route.right) return () => loaded;
  const right = route.right;
  return function Guarded() {
    return useMay(right) ? loaded : <NoRight right={right} />;
  };
}

function routeOf(feature: FeatureRoute) {
  const parent = feature.frame === 'open' ? root : feature.frame === 'bare' ? signed : framed;
  return createRoute({
    getParentRoute: () => parent as typeof root,
    path: feature.path,
    component: guarded(feature),
    // A page is brought when somebody is about to open it.
    loader: () => feature.page().then(() => null),
  });
}

const of = (frame: FeatureRoute['frame']) => FEATURES.filter((one) => one.frame === frame).map(routeOf);
const home = createRoute({
  getParentRoute: () => root,
  path: '/index.html',
  beforeLoad: () => {
    throw redirect({ to: '/' });
  },
});

/** The addresses of the console. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    ...of('open'),
    signed.addChildren([...of('bare'), framed.addChildren([index, ...of(undefined)])]),
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: () => <RowsSkeleton />,
  defaultErrorComponent: ({ error, reset }) => <ErrorNote problem={error} retry={reset} />,
  scrollRestoration: true,
});
