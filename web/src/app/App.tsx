import { DirectionProvider, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Problem } from '../api/client';
import { cssVariablesResolver, theme } from '../theme/theme';
import { router } from './router';

const RETRIES = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the program refused it would refuse again; what did not arrive is worth another try.
      retry: (failures, error) => failures < RETRIES && !(error instanceof Problem && error.status < 500),
    },
  },
});

// What comes over the page is not waited for by the page.
const Overlays = lazy(() => import('./Overlays').then(({ Overlays }) => ({ default: Overlays })));

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
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
          <Suspense>
            <Overlays />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}
