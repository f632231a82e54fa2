import { lazyRouteComponent } from '@tanstack/react-router';

/** Without a sign of idleness the page has so long to stand. */
const STANDS_MS = 300;

/**
 * A part of a page that comes behind it: brought while one looks at the page, so that it is there when it is opened. Stands
 * in a `Suspense`, for whoever is quicker.
 */
export function behind<M extends Record<string, unknown>, K extends keyof M & string>(
  load: () => Promise<M>,
  name: K,
) {
  const part = lazyRouteComponent(load, name);
  const bring = () => void part.preload?.();
  if ('requestIdleCallback' in window) window.requestIdleCallback(bring);
  else setTimeout(bring, STANDS_MS);
  return part;
}
