import { DirectionProvider, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { cssVariablesResolver, theme } from '../theme/theme';
import { queries } from './queries';
import { router } from './router';

const settled = new Promise<void>((settle) => {
  const leave = router.subscribe('onResolved', () => {
    leave();
    settle();
  });
});

// What comes over the page waits until the page is there.
const Overlays = lazy(async () => {
  await settled;
  const { Overlays } = await import('./Overlays');
  return { default: Overlays };
});

/** The nonce that the page was served with: Mantine writes its variables into a style of its own. */
const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

/** The console. */
export function App() {
  return (
    <DirectionProvider>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        defaultColorScheme="auto"
        deduplicateCssVariables={false}
        getStyleNonce={() => nonce() ?? ''}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Suspense>
            <Overlays />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}
