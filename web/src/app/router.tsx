import {
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ME, useMay, useMe } from '../api/session';
import { groupsFor } from '../shell/navigation';
import { Shell } from '../shell/Shell';
import { ErrorNote, NoRight, RowsSkeleton } from '../ui/States';
import { FEATURES, type FeatureRoute } from './features';
import { NotFound } from './NotFound';
import { queries } from './queries';
import { Signed } from './Signed';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const signed = createRoute({
  getParentRoute: () => root,
  id: 'signed',
  component: Signed,
  // Asked for while the page is brought; `Signed` reads the answer.
  loader: () => void queries.prefetchQuery(ME),
});
const framed = createRoute({ getParentRoute: () => signed, id: 'framed', component: Shell });

const index = createRoute({ getParentRoute: () => framed, path: '/', component: First });

/** The first section that this person may see. */
function First() {
  const me = useMe();
  const first = groupsFor(me.rights)[0]?.sections[0];
  return first ? <Navigate to={first.to} replace /> : <NotFound />;
}

function routeOf(feature: FeatureRoute) {
  const parent = feature.frame === 'open' ? root : feature.frame === 'bare' ? signed : framed;
  const route = createRoute({
    getParentRoute: () => parent as typeof root,
    path: feature.path,
    component: Guarded,
    // A page is brought when somebody is about to open it, and drawn at once when it is there: what React waits for by
    // `lazy` it shows no sooner than 0.3 s after the sign of waiting.
    loader: async () => (await feature.page()).default,
  });
  /** Asks for the right of the page before the page asks the server. */
  function Guarded() {
    const Page = route.useLoaderData();
    return useMay(feature.right) ? <Page /> : <NoRight right={feature.right} />;
  }
  return route;
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
  // A part that did not arrive once a browser does not ask for again, and after an update it has another name.
  defaultErrorComponent: ({ error }) => <ErrorNote problem={error} retry={() => window.location.reload()} />,
  scrollRestoration: true,
});
