import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/card', page: () => import('./CardPage'), right: 'settings_read' },
];
