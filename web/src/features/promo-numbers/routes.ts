import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/promotions/$id/numbers', page: () => import('./NumbersPage'), right: 'promotions' },
];
