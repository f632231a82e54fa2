// The tree of conditions as the program keeps it, and as people build it: groups of sentences.

/** As the program keeps it. */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { field: string; op: string; value?: unknown };

/** One sentence: «метки содержат vip». */
export type Sentence = { id: string; field: string; op: string; value: unknown };

/** Sentences of which all, any or none must hold. */
export type Group = { id: string; mode: 'all' | 'any' | 'none'; parts: (Sentence | Group)[] };

let made = 0;
const fresh = (): string => `part-${++made}`;

export const isGroup = (part: Sentence | Group): part is Group => 'parts' in part;

/** A group without sentences: everybody. */
export const emptyGroup = (mode: Group['mode'] = 'all'): Group => ({ id: fresh(), mode, parts: [] });

/** A sentence to be filled in. */
export const emptySentence = (field = '', op = ''): Sentence => ({
  id: fresh(),
  field,
  op,
  value: undefined,
});

/** Operators that need no value. */
export const needsNoValue = (op: string): boolean => op === 'set' || op === 'unset';

/** Whether a sentence says something. */
export function isWhole({ field, op, value }: Sentence): boolean {
  if (!field || !op) return false;
  if (needsNoValue(op)) return true;
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '';
}

function partOf(condition: Condition): Sentence | Group {
  if ('field' in condition) {
    return { id: fresh(), field: condition.field, op: condition.op, value: condition.value };
  }
  return groupOf(condition);
}

/** What the program keeps as what people build. */
export function groupOf(condition: Condition | undefined | null): Group {
  if (!condition) return emptyGroup();
  if ('all' in condition) return { id: fresh(), mode: 'all', parts: condition.all.map(partOf) };
  if ('any' in condition) return { id: fresh(), mode: 'any', parts: condition.any.map(partOf) };
  if ('not' in condition) {
    const inner = condition.not;
    const parts = 'any' in inner ? inner.any.map(partOf) : [partOf(inner)];
    return { id: fresh(), mode: 'none', parts };
  }
  return { id: fresh(), mode: 'all', parts: [partOf(condition)] };
}

/** What people built as the program keeps it; sentences that say nothing yet are left out. None is everybody. */
export function conditionOf(group: Group): Condition | undefined {
  const parts = group.parts
    .map((part): Condition | undefined => {
      if (isGroup(part)) return conditionOf(part);
      if (!isWhole(part)) return undefined;
      const { field, op, value } = part;
      return needsNoValue(op) ? { field, op } : { field, op, value };
    })
    .filter((part): part is Condition => part !== undefined);
  if (parts.length === 0) return undefined;
  if (group.mode === 'none') return { not: parts.length === 1 ? parts[0]! : { any: parts } };
  if (parts.length === 1) return parts[0];
  return group.mode === 'all' ? { all: parts } : { any: parts };
}

/** How many sentences there are. */
export function sentencesIn(condition: Condition | undefined): number {
  if (!condition) return 0;
  if ('all' in condition) return condition.all.reduce((sum, part) => sum + sentencesIn(part), 0);
  if ('any' in condition) return condition.any.reduce((sum, part) => sum + sentencesIn(part), 0);
  if ('not' in condition) return sentencesIn(condition.not);
  return 1;
}

/** Both at once; either may be missing. */
export function together(a: Condition | undefined, b: Condition | undefined): Condition | undefined {
  if (!a || !b) return a ?? b;
  return { all: [a, b] };
}
