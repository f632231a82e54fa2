import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/scenarios', page: () => import('./ScenariosPage'), right: 'scenarios_read' },
  { path: '/scenarios/$key', page: () => import('./BuilderPage'), right: 'scenarios_read', narrow: true },
];
