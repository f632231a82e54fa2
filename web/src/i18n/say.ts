/** Words of one feature in one language: a text, or texts under a name. */
export type Texts = { [name: string]: string | Texts };

/** What stands in `{{…}}` of a text; `count` also chooses the form of the noun. */
export type Values = { count?: number; defaultValue?: string; [name: string]: unknown };

/** Says a word by its key, `'list.empty'`; of another feature by `'common:do.save'`. */
export type Say = (key: string, values?: Values) => string;

const HOLE = /\{\{\s*(\w+)\s*\}\}/g;
const rules = new Map<string, Intl.PluralRules>();

/**
 * Says by the first of `trees` that has the key. A text with a count has a form for every kind of number of its
 * language: `found_one`, `found_few`, `found_many`, `found_other`. A key that nobody has is said itself, so that a look
 * at the page finds it.
 */
export function saying(trees: (feature: string | undefined) => [language: string, texts: Texts][]): Say {
  return (key, values = {}) => {
    const colon = key.indexOf(':');
    const path = key.slice(colon + 1).split('.');
    for (const [language, texts] of trees(colon < 0 ? undefined : key.slice(0, colon))) {
      const text = find(texts, path, forms(language, values.count));
      if (text !== undefined) return fill(text, values);
    }
    return values.defaultValue ?? key;
  };
}

/** What may stand behind the name of a text, the best first. */
function forms(language: string, count: number | undefined): string[] {
  if (count === undefined) return [''];
  const rule = rules.get(language) ?? new Intl.PluralRules(language);
  rules.set(language, rule);
  return [`_${rule.select(count)}`, '_other', ''];
}

function find(texts: Texts, path: string[], forms: string[]): string | undefined {
  const last = path.length - 1;
  let within: Texts | string | undefined = texts;
  for (const name of path.slice(0, last)) within = typeof within === 'object' ? within[name] : undefined;
  if (typeof within !== 'object') return undefined;
  for (const form of forms) {
    const text = within[path[last] + form];
    if (typeof text === 'string') return text;
  }
  return undefined;
}

const fill = (text: string, values: Values): string =>
  text.replace(HOLE, (_, name: string) => String(values[name] ?? ''));
