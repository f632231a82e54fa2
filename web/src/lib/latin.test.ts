import { expect, test } from 'vitest';
import { latin } from './latin';

test('a text becomes Latin letters', () => {
  expect(latin('Витрина на Садовой')).toBe('vitrina-na-sadovoy');
  expect(latin('  Щётка №5! ', '_')).toBe('schetka_5');
  expect(latin('«»')).toBe('');
  expect(latin('очень '.repeat(20)).length).toBeLessThanOrEqual(40);
});
