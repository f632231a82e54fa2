import { expect, test } from 'vitest';
import { shortName } from './shortName';

test('a title becomes a short name that nobody has', () => {
  expect(shortName('Размер обуви', [])).toBe('razmer_obuvi');
  expect(shortName('«»', [])).toBe('field');
  expect(shortName('5 лет', [])).toBe('field_5_let');
  expect(shortName('Size', ['size', 'size_2'])).toBe('size_3');
});
