import { expect, test } from 'vitest';
import { digits, ON_A_PAGE, ONE_BY_ONE, pictures, prizesOf, type Show, told, valueSaid } from './model';

const announcement = [
  'samovar-draw/1',
  'draw: drw_1 Первый: главный',
  'source: drand quicknet 1000',
  'prize: 1 1 4990000 Кофемашина',
  'prize: 2 14 100000 Карта: 1000 ₽',
  'reserve: 5',
  '',
].join('\n');

const show = (winners: Show['protocol']['winners']): Show => ({
  title: 'Первый',
  company: 'Кофейня',
  tickets: 18_240,
  prizes: prizesOf(announcement),
  protocol: {
    announcement,
    announced: 'ab',
    randomness: { kind: 'drand', signature: 'cd' },
    seed: 'ef',
    winners,
  },
  rehearsal: false,
});

test('the announcement is read', () => {
  expect(prizesOf(announcement)).toEqual([
    { count: 1, name: 'Кофемашина' },
    { count: 14, name: 'Карта: 1000 ₽' },
  ]);
  expect(told(announcement, 'draw')).toBe('drw_1 Первый: главный');
  expect(told(announcement, 'seed')).toBe('');
  expect(valueSaid({ kind: 'figure', value: '2745.31' })).toBe('2745.31');
});

test('the greatest prize comes last; many winners come by pages', () => {
  const many = Array.from({ length: 14 }, (_, at) => ({ prize: 2, number: at + 1, name: 'Анна К.' }));
  const all = pictures(show([{ prize: 1, number: 7, name: 'Пьер Б.' }, ...many]));
  expect(all.map((one) => one.kind)).toEqual([
    'title',
    'announced',
    'randomness',
    'prize',
    'winners',
    'winners',
    'prize',
    'winner',
    'end',
  ]);
  const pages = all.filter((one) => one.kind === 'winners');
  expect(pages.map((one) => one.won.length)).toEqual([ON_A_PAGE, 14 - ON_A_PAGE]);
  expect(ONE_BY_ONE).toBeLessThan(ON_A_PAGE);
});

test('a prize that nobody won is not shown', () => {
  expect(pictures(show([])).map((one) => one.kind)).toEqual(['title', 'announced', 'randomness', 'end']);
});

test('numbers are as wide as the widest', () => {
  expect(digits(812, 18_240)).toBe('00812');
  expect(digits(7, 20)).toBe('007');
});
