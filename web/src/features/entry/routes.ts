import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/sign-in', frame: 'open', page: () => import('./SignIn') },
  { path: '/sign-up', frame: 'open', page: () => import('./SignUp') },
  { path: '/forgotten', frame: 'open', page: () => import('./Forgotten') },
  { path: '/reset/$token', frame: 'open', page: () => import('./Reset') },
  { path: '/email/$token', frame: 'open', page: () => import('./Email') },
  { path: '/enter/$token', frame: 'open', page: () => import('./ByLink') },
  { path: '/join/$token', frame: 'open', page: () => import('./Join') },
];
