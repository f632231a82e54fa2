import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/failed', page: () => import('./FailedPage'), right: 'work_manage' },
];
