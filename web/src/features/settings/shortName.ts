const LATIN: Record<string, string> = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  ё: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  й: 'y',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'h',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'sch',
  ъ: '',
  ы: 'y',
  ь: '',
  э: 'e',
  ю: 'yu',
  я: 'ya',
};
const LONGEST = 40;

/** Whether the program takes it for a short name. */
export const isShortName = (text: string): boolean => /^[a-z][a-z0-9_-]{0,39}$/.test(text);

/** A short name for a title, none of those that are taken: «Размер обуви» is `razmer_obuvi`. */
export function shortName(title: string, taken: string[]): string {
  const latin = [...title.toLowerCase()].map((letter) => LATIN[letter] ?? letter).join('');
  const plain = latin.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  const name = (/^[a-z]/.test(plain) ? plain : `field_${plain}`).replace(/_$/, '').slice(0, LONGEST);
  let free = name;
  for (let at = 2; taken.includes(free); at += 1) free = `${name.slice(0, LONGEST - 4)}_${at}`;
  return free;
}
