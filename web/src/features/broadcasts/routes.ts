import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/broadcasts', page: () => import('./BroadcastsPage'), right: 'broadcasts_send' },
  { path: '/broadcasts/$id', page: () => import('./BroadcastPage'), right: 'broadcasts_send' },
];
