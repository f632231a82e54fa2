import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/keys', right: 'staff_manage', page: () => import('./Keys') },
];
