import { api } from '../../api/client';
import { language } from '../../i18n';

/** How a value is typed. */
export type Kind = 'text' | 'flag' | 'date' | 'moment' | 'points' | 'number' | 'list' | 'yearly';

/** What a sentence may be about. */
export type Field = {
  field: string;
  label: string;
  kind: Kind;
  group: 'contact' | 'loyalty' | 'own';
  operators: string[];
  /** What it may be, where that is known. */
  choices?: { value: string; label: string }[];
};

const OPERATORS: Record<string, string[]> = {
  text: ['eq', 'ne', 'contains', 'set', 'unset'],
  number: ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'set', 'unset'],
  flag: ['eq'],
  date: ['eq', 'lt', 'gt', 'set', 'unset', 'in_next_days', 'in_last_days', 'older_than_days'],
  choice: ['eq', 'ne', 'in', 'set', 'unset'],
};

/** The group of words for the operators of a kind. */
export const wordsOf = (kind: Kind): 'text' | 'flag' | 'date' | 'number' | 'list' => {
  if (kind === 'moment' || kind === 'yearly') return 'date';
  if (kind === 'points') return 'number';
  return kind;
};

/** Whether an operator counts days. */
export const countsDays = (op: string): boolean => op.endsWith('_days');

/** Everything that sentences may be about in this company. */
export function useFields(): { fields: Field[]; loading: boolean; problem: unknown; retry: () => void } {
  const known = api.useQuery('get', '/api/v1/segments/fields');
  const own = api.useQuery('get', '/api/v1/contacts/fields');
  const tags = api.useQuery('get', '/api/v1/contacts/tags');
  const ru = language() === 'ru';
  const plain = (values: string[] | undefined) => values?.map((value) => ({ value, label: value }));
  const fields: Field[] = (known.data?.fields ?? []).map((one) => ({
    field: one.field,
    label: ru ? one.ru : one.en,
    kind: one.kind as Kind,
    group: one.field.startsWith('loyalty.') ? 'loyalty' : 'contact',
    // A flag is asked by «да» and «нет» alone.
    operators: one.kind === 'flag' ? ['eq'] : one.operators,
    choices: one.field === 'contact.tags' ? plain(tags.data) : undefined,
  }));
  for (const one of own.data?.fields ?? []) {
    fields.push({
      field: `contact.fields.${one.key}`,
      label: one.title,
      kind: one.kind === 'choice' ? 'text' : (one.kind as Kind),
      group: 'own',
      operators: OPERATORS[one.kind] ?? OPERATORS.text!,
      choices: one.kind === 'choice' ? plain(one.choices) : undefined,
    });
  }
  for (const key of own.data?.unnamed ?? []) {
    fields.push({
      field: `contact.fields.${key}`,
      label: key,
      kind: 'text',
      group: 'own',
      operators: OPERATORS.text!,
    });
  }
  return {
    fields,
    loading: known.isPending,
    problem: known.error,
    retry: () => void known.refetch(),
  };
}
