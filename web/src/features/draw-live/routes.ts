import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  {
    path: '/promotions/$id/draws/$draw/live',
    page: () => import('./LivePage'),
    right: 'promotions',
    frame: 'bare',
  },
];
