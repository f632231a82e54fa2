import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/contacts', page: () => import('./ContactsPage'), right: 'contacts_read' },
  { path: '/contacts/$id', page: () => import('./ContactsPage'), right: 'contacts_read' },
];
