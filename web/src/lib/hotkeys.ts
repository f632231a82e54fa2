import { useHotkeys } from '@mantine/hooks';

/** J and K walk rows, Enter opens the one that is marked. Not while somebody types: Mantine leaves fields alone. */
export function useRowKeys(
  count: number,
  at: number,
  go: (index: number) => void,
  open: (index: number) => void,
): void {
  useHotkeys([
    ['j', () => go(Math.min(count - 1, at + 1))],
    ['k', () => go(Math.max(0, at - 1))],
    ['Enter', () => at >= 0 && at < count && open(at)],
  ]);
}
