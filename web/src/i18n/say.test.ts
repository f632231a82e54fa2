import { describe, expect, it } from 'vitest';
import { saying, type Texts } from './say';

const inbox: Texts = {
  title: 'Диалоги',
  found_one: 'нашёлся {{count}} диалог',
  found_few: 'нашлось {{count}} диалога',
  found_many: 'нашлось {{count}} диалогов',
  found_other: 'нашлось {{count}} диалога',
  from: '{{ name }} из {{city}}',
  list: { empty: 'Пока пусто' },
};
const common: Texts = {
  title: 'Самовар',
  do: { save: 'Сохранить' },
  seen_one: '{{count}} day',
  seen_other: '{{count}} days',
};
const say = saying((feature) =>
  feature === 'common'
    ? [['en', common]]
    : [
        ['ru', inbox],
        ['en', common],
      ],
);

describe('words', () => {
  it('are found by their path, the nearer ones first', () => {
    expect(say('title')).toBe('Диалоги');
    expect(say('list.empty')).toBe('Пока пусто');
    expect(say('do.save')).toBe('Сохранить');
    expect(say('common:title')).toBe('Самовар');
  });

  it('take the form that the number asks for in the language they are found in', () => {
    const counted = [1, 3, 5, 21, 112].map((count) => say('found', { count }));
    expect(counted).toEqual([
      'нашёлся 1 диалог',
      'нашлось 3 диалога',
      'нашлось 5 диалогов',
      'нашёлся 21 диалог',
      'нашлось 112 диалогов',
    ]);
    expect(say('seen', { count: 21 })).toBe('21 days');
  });

  it('are filled, and what is not given leaves nothing behind', () => {
    expect(say('from', { name: 'Анна', city: 'Тулы' })).toBe('Анна из Тулы');
    expect(say('from', { name: '{{city}}' })).toBe('{{city}} из ');
  });

  it('that nobody has say their key, or what was given for it', () => {
    expect(say('list.none')).toBe('list.none');
    expect(say('list')).toBe('list');
    expect(say('kind.seat', { defaultValue: 'seat' })).toBe('seat');
  });
});
