const LETTERS: Record<string, string> = Object.fromEntries(
  [...'абвгдеёжзийклмнопрстуфхцчшщъыьэюя'].map((letter, at) => [
    letter,
    'a b v g d e e zh z i y k l m n o p r s t u f h c ch sh sch  y  e yu ya'.split(' ')[at] ?? '',
  ]),
);
const LONGEST = 40;

/** A text in small Latin letters and digits, for addresses and short names: «Витрина на Садовой» is `vitrina-na-sadovoy`. */
export function latin(text: string, between: '-' | '_' = '-'): string {
  const letters = [...text.toLowerCase()].map((letter) => LETTERS[letter] ?? letter).join('');
  const words = letters.split(/[^a-z0-9]+/).filter(Boolean);
  return words.join(between).slice(0, LONGEST);
}
