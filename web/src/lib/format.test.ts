import { beforeEach, expect, test, vi } from 'vitest';

vi.mock('../i18n', () => ({ language: () => 'ru' }));
const { clock, day, keepTimeOf, moment, recent } = await import('./format');

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T22:30:00Z') });
  keepTimeOf('Asia/Yekaterinburg');
});

test('times are told by the clock of the business', () => {
  expect(clock('2026-11-22T20:15:00Z')).toBe('01:15');
  expect(recent('2026-11-22T20:15:00Z')).toBe('01:15');
  expect(recent('2026-11-22T18:59:00Z')).toBe('вс');
  expect(moment('2026-11-22T18:59:00Z')).toBe('22 нояб., 23:59');
  expect(clock('2026-11-22T20:15:00Z', 'Europe/Moscow')).toBe('23:15');
});

test('the year is told when it is another one, by the same clock', () => {
  expect(recent('2026-05-12T10:00:00Z')).toBe('12 мая');
  expect(recent('2025-12-31T18:00:00Z')).toBe('31 дек. 2025');
  expect(recent('2025-12-31T20:00:00Z')).toBe('1 янв.');
});

test('a day is the same day in every zone', () => {
  keepTimeOf('America/Los_Angeles');
  expect(day('1990-05-12')).toBe('12 мая 1990 г.');
});
