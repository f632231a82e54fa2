import type { FeatureRoute } from '../../app/features';

const right = 'promotions';

export const routes: FeatureRoute[] = [
  { path: '/promotions', page: () => import('./PromotionsPage'), right },
  { path: '/promotions/new', page: () => import('./NewPage'), right },
  { path: '/promotions/$id', page: () => import('./OverviewPage'), right },
  { path: '/promotions/$id/participants', page: () => import('./ParticipantsPage'), right },
  { path: '/promotions/$id/participants/$person', page: () => import('./ParticipantsPage'), right },
  { path: '/promotions/$id/tickets', page: () => import('./TicketsPage'), right },
  { path: '/promotions/$id/codes', page: () => import('./CodesPage'), right },
  { path: '/promotions/$id/settings', page: () => import('./settings/SettingsPage'), right },
];
