import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/staff', right: 'staff_manage', page: () => import('./People') },
  { path: '/staff/roles', right: 'staff_manage', page: () => import('./Roles') },
];
