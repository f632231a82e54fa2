import { QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/client';

const RETRIES = 2;

/** What was read from the program. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the program refused it would refuse again; what did not arrive is worth another try.
      retry: (failures, error) => failures < RETRIES && !(error instanceof Problem && error.status < 500),
    },
  },
});
