import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/programme', page: () => import('./ProgrammePage'), right: 'settings_read' },
];
