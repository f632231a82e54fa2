import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/settings', page: () => import('./SettingsPage'), right: 'settings_read' },
  { path: '/settings/fields', page: () => import('./FieldsPage'), right: 'settings_read' },
  { path: '/settings/till', page: () => import('./TillPage'), right: 'settings_read' },
];
