import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/segments', page: () => import('./SegmentsPage'), right: 'contacts_read' },
  { path: '/segments/$id', page: () => import('./SegmentPage'), right: 'contacts_read' },
];
