import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/settings', page: () => import('./SettingsPage'), right: 'settings_read' },
];
