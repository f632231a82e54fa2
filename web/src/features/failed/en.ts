import type { Words } from '../../i18n';
import type { ru } from './ru';

export const en: Words<typeof ru> = {
  title: 'Failures',
  fine: 'No failures',
  fineHint: 'All messages arrived, all events were handled.',
  messages: {
    title: 'Messages that did not arrive',
    subtitle: 'The messenger refused them, and trying again by itself would not help.',
    none: 'All messages arrived',
    again: 'Send again',
  },
  unsure: {
    title: 'Not known whether they arrived',
    subtitle: 'The messenger’s answer was lost. If sent again, a guest may get the message twice.',
    none: 'There are none',
  },
  events: {
    title: 'Events that could not be handled',
    subtitle:
      'What the guest wrote is kept, but the bot stumbled over it three times. Mend the cause and try again.',
    none: 'All events were handled',
    again: 'Handle again',
    source: { update: 'A guest’s message', timer: 'A delayed step', operator: 'An answer of the team' },
  },
  class: { answer: 'Answer', service: 'Notice', bulk: 'Broadcast' },
  picture: 'Picture',
  attempts_one: '{{count}} attempt',
  attempts_few: '{{count}} attempts',
  attempts_many: '{{count}} attempts',
  attempts_other: '{{count}} attempts',
  repeated: 'Sending again',
};
