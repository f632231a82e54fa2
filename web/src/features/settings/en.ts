import type { Words } from '../../i18n';
import type { ru } from './ru';

export const en: Words<typeof ru> = {
  title: 'Settings',
  company: {
    title: 'Company',
    name: 'Name',
    nameHint: 'This is what the bot calls the company.',
    zone: 'Time zone',
    zoneHint: 'Days, the end of points and quiet hours are counted by it.',
    locale: 'Language',
    localeHint: 'The bot speaks it with those whose language is not known.',
    ru: 'Russian',
    en: 'English',
    policy: 'Privacy policy',
    policyHint: 'The address of a page. The bot shows it before registration.',
  },
  consent: {
    title: 'Consent to take part',
    subtitle: 'A guest accepts this text before registration.',
    text: 'Text of the consent',
    version: 'Version {{version}} of {{day}}',
    none: 'There is no text yet: the bot will ask for consent in general words.',
    change: 'A new text becomes a new version. Those who agreed before keep theirs until the bot asks again.',
  },
};
