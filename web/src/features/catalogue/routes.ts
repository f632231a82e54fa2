import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/catalogue', page: () => import('./CataloguePage'), right: 'points_read' },
  { path: '/catalogue/texts', page: () => import('./TextsPage'), right: 'settings_read' },
];
