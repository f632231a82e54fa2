import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/files', page: () => import('./FilesPage') },
  { path: '/files/imports', page: () => import('./ImportsPage'), right: 'imports_make' },
  { path: '/files/imports/$id', page: () => import('./ImportPage'), right: 'imports_make' },
  { path: '/files/exports', page: () => import('./ExportsPage'), right: 'exports_make' },
];
