import { describe, expect, it } from 'vitest';
import { type Draft, type Fact, leadsTo, pieces, plain, removeStep, seconds, wire } from './model';
import { arrange } from './place';

const facts = new Map<string, Fact>([
  ['contact.name', { path: 'contact.name', kind: 'text', title: { ru: 'имя', en: 'name' } }],
]);
const draft: Draft = {
  key: 'a',
  triggers: [{ on: 'start', goto: 'hi' }],
  steps: {
    hi: { kind: 'choose', choices: [{ key: 'yes' }, { key: 'no' }], silence: { after: '2h', goto: 'bye' } },
    more: { kind: 'say', text: 'x' },
    bye: { kind: 'end' },
  },
  edges: { 'hi.yes': 'more', 'hi.no': 'bye', more: 'bye' },
};

describe('a draft', () => {
  it('tells words from variables and keeps both', () => {
    const text = 'Привет, {{ contact.name|first_name }}!{% if loyalty.balance %} Есть баллы.{% endif %}';
    const found = pieces(text, facts, 'ru');
    expect(found.map((piece) => ('words' in piece ? piece.words : piece.raw)).join('')).toBe(text);
    expect(plain(text, facts, 'ru')).toBe('Привет, {Имя}! Есть баллы.');
  });

  it('leads ports where they are told', () => {
    expect(leadsTo(draft, 'more', 'next')).toBe('bye');
    const other = wire(draft, 'more', 'next', 'hi');
    expect(other.edges).toEqual({ 'hi.yes': 'more', 'hi.no': 'bye', more: 'hi' });
    expect(leadsTo(wire(other, 'hi', 'silence', 'more'), 'hi', 'silence')).toBe('more');
    expect(wire(draft, 'hi', 'yes', null).edges).toEqual({ 'hi.no': 'bye', more: 'bye' });
  });

  it('loses with a step everything that led to it', () => {
    const without = removeStep(draft, 'bye');
    expect(without.edges).toEqual({ 'hi.yes': 'more' });
    expect(without.steps?.hi).not.toHaveProperty('silence');
  });

  it('is laid out from left to right without two steps in one place', () => {
    const { steps } = arrange(draft);
    expect(steps.hi![0]).toBeLessThan(steps.more![0]);
    expect(new Set(Object.values(steps).map(String)).size).toBe(3);
  });

  it('reads lengths of time', () => {
    expect(seconds('1h30m')).toBe(5400);
  });
});
