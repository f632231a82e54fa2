import type { FeatureRoute } from '../../app/features';

export const routes: FeatureRoute[] = [
  { path: '/channels', page: () => import('./ChannelsPage'), right: 'channels_read' },
  { path: '/channels/new', page: () => import('./GuidePage'), right: 'channels_manage' },
  { path: '/channels/$id', page: () => import('./ChannelPage'), right: 'channels_read' },
  { path: '/channels/$id/links', page: () => import('./LinksPage'), right: 'channels_read' },
  { path: '/channels/$id/widget', page: () => import('./WidgetPage'), right: 'channels_read' },
  { path: '/start', page: () => import('./GuidePage'), right: 'channels_manage' },
];
