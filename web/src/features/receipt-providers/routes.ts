import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/receipt-providers', page: () => import('./ProvidersPage'), right: 'promotions' },
];
