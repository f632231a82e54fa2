import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/audit', right: 'audit_read', page: () => import('./Audit') },
];
