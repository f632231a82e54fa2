import type { FeatureRoute } from '../../app/features';

const page = () => import('./InboxPage');

/** The inbox: the list alone, and with a conversation. */
export const routes: FeatureRoute[] = [
  { path: '/inbox', page, right: 'conversations_read' },
  { path: '/inbox/$contact/$channel', page, right: 'conversations_read' },
];
