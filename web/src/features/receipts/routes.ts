import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/moderation', page: () => import('./ModerationPage'), right: 'moderation' },
  { path: '/promotions/$id/moderation', page: () => import('./ModerationTab'), right: 'moderation' },
  { path: '/promotions/$id/receipts', page: () => import('./ReceiptsPage'), right: 'promotions' },
  { path: '/promotions/$id/receipts/$receipt', page: () => import('./ReceiptsPage'), right: 'promotions' },
];
