import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/deals', page: () => import('./DealsPage'), right: 'contacts_read' },
  { path: '/deals/pipelines', page: () => import('./PipelinesPage'), right: 'contacts_read' },
];
