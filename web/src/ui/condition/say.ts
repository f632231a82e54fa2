import { language, useWords } from '../../i18n';
import { day, whole } from '../../lib/format';
import { countsDays, type Field, useFields, wordsOf } from './fields';
import { type Condition, needsNoValue } from './tree';
import './words';

type Say = (key: string, values?: Record<string, unknown>) => string;

function sayValue(field: Field | undefined, op: string, value: unknown, t: Say): string {
  if (countsDays(op) && typeof value === 'number') return `${whole(value)} ${t('days', { count: value })}`;
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'number') return whole(value);
  const text = String(value ?? '');
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return day(`${text}T12:00:00`);
  return field?.kind === 'list' || field?.kind === 'text'
    ? language() === 'ru'
      ? `«${text}»`
      : `“${text}”`
    : text;
}

function said(condition: Condition, fields: Field[], t: Say, inner: boolean): string {
  if ('field' in condition) {
    const { field: name, op, value } = condition;
    const field = fields.find((one) => one.field === name);
    const label = field?.label ?? name.replace('contact.fields.', '');
    if (field?.kind === 'flag') return `${label}: ${t(value === false ? 'no' : 'yes')}`;
    const verb = t(`op.${wordsOf(field?.kind ?? 'text')}.${op}`);
    return needsNoValue(op) ? `${label}: ${verb}` : `${label} ${verb} ${sayValue(field, op, value, t)}`;
  }
  if ('not' in condition) return `${t('not')} ${said(condition.not, fields, t, true)}`;
  const [parts, join] = 'all' in condition ? [condition.all, 'all'] : [condition.any, 'any'];
  if (parts.length === 0) return t('everybody');
  const text = parts.map((part) => said(part, fields, t, true)).join(` ${t(`join.${join}`)} `);
  return inner && parts.length > 1 ? `(${text})` : text;
}

/** Tells conditions in plain words. */
export function useSaid(): (condition: Condition | undefined | null) => string {
  const t = useWords('condition');
  const { fields } = useFields();
  return (condition) => (condition ? capital(said(condition, fields, t as Say, false)) : t('everybody'));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
