import type { FeatureRoute } from '../../app/features';

const right = 'promotions';

export const routes: FeatureRoute[] = [
  { path: '/promotions/$id/draws', page: () => import('./DrawsPage'), right },
  { path: '/promotions/$id/draws/$draw', page: () => import('./DrawPage'), right },
  { path: '/promotions/$id/draws/$draw/winners/$place', page: () => import('./DrawPage'), right },
  { path: '/prizes', page: () => import('./PrizesPage'), right },
];
