import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/till', page: () => import('./TillPage'), right: 'points_read' },
];
