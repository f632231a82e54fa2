import { keepPreviousData } from '@tanstack/react-query';
import { api } from '../../api/client';

/** Days of the business. */
export type Period = { from: string; to: string };

/** What moved in a period, by day, kind and who did it. */
export const useFlow = (period: Period) =>
  api.useQuery(
    'get',
    '/api/v1/reports/flow',
    { params: { query: period } },
    { placeholderData: keepPreviousData },
  );
