import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/accruals', page: () => import('./AccrualsPage'), right: 'points_read' },
];
