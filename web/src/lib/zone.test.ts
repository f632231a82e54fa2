import { expect, test } from 'vitest';
import { endAfter, instantOf, lastMinute, localOf } from './zone';

test('a moment is shown and read by the clock of the business', () => {
  expect(localOf('2026-11-22T20:59:00Z', 'Europe/Moscow')).toBe('2026-11-22T23:59');
  expect(instantOf('2026-11-22T23:59', 'Europe/Moscow')).toBe('2026-11-22T20:59:00.000Z');
  expect(instantOf('2026-11-23T00:00', 'Asia/Kamchatka')).toBe('2026-11-22T12:00:00.000Z');
});

test('clocks that change do not move what was chosen', () => {
  for (const local of ['2026-03-29T01:30', '2026-03-29T03:30', '2026-10-25T03:30']) {
    expect(localOf(instantOf(local, 'Europe/Berlin'), 'Europe/Berlin')).toBe(local);
  }
});

test('the last minute and the end after it belong together', () => {
  expect(endAfter(lastMinute('2026-11-28T21:00:00.000Z'))).toBe('2026-11-28T21:00:00.000Z');
});
