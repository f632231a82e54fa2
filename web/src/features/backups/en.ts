import type { Words } from '../../i18n';
import type { ru } from './ru';

export const en: Words<typeof ru> = {
  title: 'Backups',
  make: 'Make a backup',
  making: 'A backup is being made. You can close this page.',
  failed: 'The backup was not made ({{at}}).',
  empty: 'There are no backups yet',
  emptyHint: 'A backup is one file with all data of the server. Samovar checks each by opening it anew.',
  name: 'File',
  size: 'Size',
  state: 'State',
  ready: 'Ready',
  inWork: 'Being made',
  list: 'Backups made',
  schedule: {
    title: 'Every day',
    subtitle: 'By the time zone of the company.',
    on: 'Make a backup by itself',
    hour: 'At which hour',
    keep: 'How many to keep',
    keepHint: 'When a new one is ready, the oldest are removed. Those made by hand count too.',
    first: 'Where none was made since that hour, one begins at once.',
    saved_on: 'A backup will be made every day at {{hour}}:00.',
    saved_off: 'Backups are made by hand only.',
  },
  hint: 'Keep a backup away from this server. The operator’s book tells how to restore it.',
};
