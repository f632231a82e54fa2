import type { Words } from '../../i18n';
import type { ru } from './ru';

export const en: Words<typeof ru> = {
  title: 'API keys',
  hint: 'A key is for a program that talks to Samovar: a till, a site, a CRM. Give it exactly the rights it cannot do without.',
  docs: 'Description of the API',
  label: 'Keys',
  make: 'New key',
  name: 'What for',
  namePlaceholder: 'The till in Garden Street',
  may: 'What it may do',
  rights_one: '{{count}} right',
  rights_few: '{{count}} rights',
  rights_many: '{{count}} rights',
  rights_other: '{{count}} rights',
  used: 'Last used',
  never: 'Not used yet',
  made: 'Made',
  revoked: 'Revoked',
  revoke: 'Revoke',
  revokeTitle: 'Revoke the key “{{name}}”?',
  revokeEffect:
    'The program with this key stops working at once. A key cannot be given back, only a new one made.',
  revokedDone: 'The key is revoked',
  empty: 'There are no keys',
  emptyHint: 'You will need them to connect Samovar with a till, a site or a CRM.',
  create: 'Make the key',
  readyTitle: 'The key is ready',
  ready: 'Copy it now: it is not shown again.',
  token: 'Key',
};
