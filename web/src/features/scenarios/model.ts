/** A draft as the program stores it; steps are kept as they came, whatever stands in them. */
export type Step = { kind: string } & Record<string, unknown>;
export type Trigger = { on: string; goto: string; interrupts?: boolean } & Record<string, unknown>;
export type Choice = { key: string; label?: string; set?: Record<string, unknown> };
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { field: string; op: string; value?: unknown };
export type Case = { when: Condition; port: string };
export type Layout = {
  steps?: Record<string, [number, number]>;
  triggers?: Record<string, [number, number]>;
  titles?: Record<string, string>;
};
export type Draft = {
  key: string;
  name?: string;
  locale?: string;
  help?: string;
  triggers?: Trigger[];
  edges?: Record<string, string>;
  steps?: Record<string, Step>;
  layout?: Layout | null;
} & Record<string, unknown>;

type Title = { ru: string; en: string };
export type FactKind = 'text' | 'number' | 'points' | 'flag' | 'date' | 'moment' | 'phone' | 'list' | 'file';
export type Fact = { path: string; kind: FactKind; writable?: boolean; title: Title };
export type Param = { name: string; kind: FactKind; required?: boolean; title: Title };
export type Outcome = { name: string; values?: Fact[]; title: Title };
export type Action = { name: string; params?: Param[]; outcomes: Outcome[]; title: Title };
export type Screen = { name: string; params?: Param[]; outcomes?: Outcome[]; title: Title };
export type EventSpec = { name: string; values?: Fact[]; title: Title };
/** What scenarios may say, as the capabilities tell it. */
export type Catalogue = { events: EventSpec[]; actions: Action[]; screens: Screen[]; facts: Fact[] };

/** A way out of a step. */
export type Port = {
  key: string;
  /** Its own row on the node; without one it leaves from the middle. */
  label?: string;
  look?: 'button' | 'row';
};

export const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
export const stepsOf = (draft: Draft): Record<string, Step> => draft.steps ?? {};

/** The ways out of a step, in the order in which they are drawn. `wired` are those that lead somewhere. */
export function portsOf(
  step: Step,
  catalogue: Catalogue,
  words: (key: string) => string,
  lang: 'ru' | 'en',
  wired: ReadonlySet<string>,
): Port[] {
  const row = (key: string, label: string): Port => ({ key, label, look: 'row' });
  const extra = (key: string) => (wired.has(key) ? [row(key, words(`port.${key}`))] : []);
  const silence = step.silence ? [row('silence', words('port.silence'))] : [];
  const choices = list<Choice>(step.choices).map(
    (one): Port => ({ key: one.key, label: one.label ?? one.key, look: 'button' }),
  );
  const outcomes = (all: Outcome[]) => all.map((one) => row(one.name, capital(one.title[lang])));
  switch (step.kind) {
    case 'ask':
      return [
        { key: 'next' },
        ...(text(step.skip) ? [{ key: 'skip', label: text(step.skip), look: 'button' as const }] : []),
        ...extra('refused'),
        ...extra('failed'),
        ...silence,
      ];
    case 'choose':
      return [...choices, ...extra('lost'), ...silence];
    case 'branch':
      return [
        ...list<Case>(step.cases).map((one) => row(one.port, one.port)),
        row('else', words('port.else')),
      ];
    case 'act': {
      const found = catalogue.actions.find((one) => one.name === step.action);
      return found ? outcomes(found.outcomes) : [{ key: 'next' }];
    }
    case 'show': {
      const found = catalogue.screens.find((one) => one.name === step.screen);
      const next: Port[] = choices.length === 0 || wired.has('next') ? [{ key: 'next' }] : [];
      return [...next, ...choices, ...outcomes(found?.outcomes ?? []), ...extra('lost'), ...silence];
    }
    case 'goto':
    case 'end':
      return [];
    default:
      return [{ key: 'next' }];
  }
}

/** Where a port leads, and by which entry it says so. */
export function leadsTo(draft: Draft, name: string, port: string): string | undefined {
  if (port === 'silence')
    return text((stepsOf(draft)[name]?.silence as { goto?: string })?.goto) || undefined;
  const edges = draft.edges ?? {};
  return edges[`${name}.${port}`] ?? (port === 'next' ? edges[name] : undefined);
}

/** The ports of a step that lead somewhere. */
export function wiredPorts(draft: Draft, name: string): Set<string> {
  const found = new Set<string>();
  for (const edge of Object.keys(draft.edges ?? {})) {
    if (edge === name) found.add('next');
    else if (edge.startsWith(`${name}.`)) found.add(edge.slice(name.length + 1));
  }
  return found;
}

/** Leads a port to a step, or nowhere. */
export function wire(draft: Draft, name: string, port: string, to: string | null): Draft {
  if (port === 'silence') {
    const step = stepsOf(draft)[name];
    if (!step?.silence || !to) return draft;
    return setStep(draft, name, { ...step, silence: { ...(step.silence as object), goto: to } });
  }
  const edges = { ...draft.edges };
  delete edges[`${name}.${port}`];
  if (port === 'next') delete edges[name];
  if (to) edges[port === 'next' ? name : `${name}.${port}`] = to;
  return { ...draft, edges };
}

export function setStep(draft: Draft, name: string, step: Step): Draft {
  return { ...draft, steps: { ...draft.steps, [name]: step } };
}

/** A step goes, and with it everything that leads to it. */
export function removeStep(draft: Draft, name: string): Draft {
  const { [name]: _, ...steps } = stepsOf(draft);
  const edges = Object.fromEntries(
    Object.entries(draft.edges ?? {}).filter(
      ([from, to]) => to !== name && from !== name && !from.startsWith(`${name}.`),
    ),
  );
  const kept = Object.fromEntries(
    Object.entries(steps).map(([key, step]) => {
      const silence = step.silence as { goto?: string } | undefined;
      if (silence?.goto !== name) return [key, step];
      const { silence: gone, ...rest } = step;
      return [key, rest as Step];
    }),
  );
  const triggers = (draft.triggers ?? []).filter((one) => one.goto !== name);
  return { ...draft, steps: kept, edges, triggers, help: draft.help === name ? undefined : draft.help };
}

/** A name that no step has yet. */
export function freshName(draft: Draft, kind: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${kind}_${number}`;
    if (!(name in stepsOf(draft))) return name;
  }
}

/** A key that none of the choices has. */
export function freshKey(taken: string[], stem: string): string {
  for (let number = taken.length + 1; ; number += 1) {
    const key = `${stem}${number}`;
    if (!taken.includes(key)) return key;
  }
}

export const capital = (words: string): string => words.charAt(0).toLocaleUpperCase() + words.slice(1);

/** What a step is called: its title, or its name made readable. */
export function titleOf(draft: Draft, name: string): string {
  return draft.layout?.titles?.[name] ?? capital(name.replaceAll('_', ' ').replaceAll('-', ' '));
}

export function setTitle(draft: Draft, name: string, title: string): Draft {
  const titles = { ...draft.layout?.titles };
  if (title.trim()) titles[name] = title;
  else delete titles[name];
  return { ...draft, layout: { ...draft.layout, titles } };
}

const MARK = /\{\{\s*(.*?)\s*\}\}|\{%\s*(.*?)\s*%\}/gs;
export type Piece = { words: string } | { raw: string; label: string; rule?: boolean };

/** A template as words and variables; a variable is called as the catalogue calls it. */
export function pieces(template: string, facts: Map<string, Fact>, lang: 'ru' | 'en'): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of template.matchAll(MARK)) {
    if (match.index > from) found.push({ words: template.slice(from, match.index) });
    found.push({ raw: match[0], label: labelOf(match, facts, lang), rule: match[2] !== undefined });
    from = match.index + match[0].length;
  }
  if (from < template.length) found.push({ words: template.slice(from) });
  return found;
}

function labelOf(match: RegExpMatchArray, facts: Map<string, Fact>, lang: 'ru' | 'en'): string {
  const named = (path: string) => facts.get(path)?.title[lang] ?? path;
  if (match[1] !== undefined) {
    const path = match[1].split('|')[0]!.trim();
    return capital(named(path));
  }
  const rule = match[2] ?? '';
  const iff = lang === 'ru' ? 'если' : 'if';
  const not = lang === 'ru' ? 'нет: ' : 'no: ';
  if (rule.startsWith('if ')) {
    const what = rule.slice(3).trim();
    return `${iff} ${what.startsWith('not ') ? not + named(what.slice(4).trim()) : named(what)}`;
  }
  if (rule.startsWith('elif ')) return `${lang === 'ru' ? 'иначе если' : 'else if'} ${named(rule.slice(5))}`;
  if (rule === 'else') return lang === 'ru' ? 'иначе' : 'else';
  if (rule === 'endif') return lang === 'ru' ? 'конец' : 'end';
  return rule;
}

/** A template for a node: variables in braces, rules left out. */
export function plain(template: string, facts: Map<string, Fact>, lang: 'ru' | 'en'): string {
  return pieces(template.replaceAll('\\\n', ''), facts, lang)
    .map((piece) => ('words' in piece ? piece.words : piece.rule ? '' : `{${piece.label}}`))
    .join('')
    .trim();
}

const UNITS: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** Seconds of `1h30m`. */
export function seconds(span: string): number {
  return [...span.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!,
    0,
  );
}

/** «2 часа 30 минут». */
export function spanWords(span: unknown, lang: 'ru' | 'en'): string {
  const names: Record<string, string> = { d: 'day', h: 'hour', m: 'minute', s: 'second' };
  return [...text(span).matchAll(/(\d+)([dhms])/g)]
    .map(([, number, unit]) =>
      new Intl.NumberFormat(lang === 'ru' ? 'ru-RU' : 'en-GB', {
        style: 'unit',
        unit: names[unit!],
        unitDisplay: 'long',
      }).format(Number(number)),
    )
    .join(' ');
}

/** Reads `steps.menu.text`, `triggers.0`, `edges.menu.more` of a problem: which node, which field. */
export function placeOf(path: string): { node?: string; field?: string } {
  const [part, name, ...rest] = path.split('.');
  if (part === 'steps' && name) return { node: name, field: rest[0] };
  if (part === 'triggers' && name) return { node: `trigger:${name}`, field: rest[0] };
  if (part === 'edges' && name) return { node: name };
  return {};
}
