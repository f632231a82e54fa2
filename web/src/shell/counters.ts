/** How much waits in a section, by the section's name. */
export type Counters = Record<string, { count: number; mine: boolean } | undefined>;

/** What waits, for the rail and the bottom bar. */
export function useCounters(): Counters {
  return {};
}
