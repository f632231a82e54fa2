import type { ComponentType } from 'react';

/** A page of a feature. Its module is loaded when it is first opened. */
export type FeatureRoute = {
  /** `/contacts/$id`: a part with `$` is read by `useParams({ strict: false })`. */
  path: string;
  page: () => Promise<{ default: ComponentType }>;
  /** Without this right the page says whom to ask. */
  right?: string;
  /** `open`: nobody has to be signed in. `bare`: signed in, but without rail and bars. */
  frame?: 'open' | 'bare';
  /** The rail is narrow here. */
  narrow?: boolean;
};

const modules = import.meta.glob<{ routes: FeatureRoute[] }>('../features/*/routes.ts', { eager: true });

/** The pages of all features: a feature is served by having a `routes.ts`. */
export const FEATURES: FeatureRoute[] = Object.values(modules).flatMap((module) => module.routes);

const byPath = new Map(FEATURES.map((route) => [route.path, route]));

/** Whether some feature serves this address. */
export const isServed = (path: string): boolean => byPath.has(path);

/** The right that the page at this address wants. */
export const rightOf = (path: string): string | undefined => byPath.get(path)?.right;

/** Whether the rail is narrow at this address of a page. */
export function isNarrow(path: string): boolean {
  const parts = path.split('/');
  return FEATURES.some((route) => {
    const wanted = route.path.split('/');
    return (
      route.narrow &&
      wanted.length === parts.length &&
      wanted.every((part, at) => part.startsWith('$') || part === parts[at])
    );
  });
}
