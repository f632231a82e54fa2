import type { Words } from '../../i18n';
import type { ru } from './ru';

export const en: Words<typeof ru> = {
  title: 'Backups',
  make: 'Make a backup',
  making: 'A backup is being made. You can close this page.',
  empty: 'There are no backups yet',
  emptyHint: 'A backup is one file with all data of the server. Samovar checks each by opening it anew.',
  name: 'File',
  size: 'Size',
  state: 'State',
  ready: 'Ready',
  inWork: 'Being made',
  hint: 'Keep a backup away from this server. The operator’s book tells how to restore it.',
};
