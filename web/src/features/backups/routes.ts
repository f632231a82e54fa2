import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/backups', page: () => import('./BackupsPage'), right: 'backups_make' },
];
