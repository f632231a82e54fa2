import type { components } from '../../api/schema';
import type { Wording } from '../../lib/loyalty';

/** A deal as lists give it. */
export type Deal = components['schemas']['Deal'];

export type Kind = 'open' | 'success' | 'failure';

/** A stage of a pipeline. */
export type Stage = { key: string; name: Wording; kind: Kind; tells?: Wording };

/** What is said of a pipeline, complete. */
export type Fields = {
  name: Wording;
  stages: Stage[];
  at_registration: boolean;
  accrual: { weights: boolean; fixed: number; percent_bp: number };
  after_success: 'reverse' | 'leave';
  order_days: number;
  tells_staff?: Wording;
};

type Given = components['schemas']['Pipeline'];

/** A way that deals go. */
export type Pipeline = Omit<Given, 'pipeline'> & { pipeline: Fields };

export const asPipelines = (given: Given[]): Pipeline[] => given as unknown as Pipeline[];
export const asGiven = (fields: Fields) => fields as unknown as Given['pipeline'];
