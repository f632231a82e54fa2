import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/home', page: () => import('./HomePage'), right: 'settings_read' },
];
