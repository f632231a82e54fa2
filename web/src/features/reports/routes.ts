import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/reports', page: () => import('./ReportsPage'), right: 'exports_make' },
];
