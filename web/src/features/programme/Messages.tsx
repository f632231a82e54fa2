import { Accordion, Switch } from '@mantine/core';
import { useWords } from '../../i18n';
import type { NoticeKey, Programme, Wording } from '../../lib/loyalty';
import { WordingField } from '../../ui/WordingField';
import classes from './Programme.module.css';
import type { Draft } from './ProgrammePage';

type Part = Draft & { focus: (key: string) => void };

const NAMES: Record<NoticeKey, string[]> = {
  accrual: ['points', 'balance', 'comment', 'name'],
  purchase: ['sum', 'earned', 'spent', 'balance', 'name'],
  write_off: ['points', 'balance', 'comment', 'name'],
  spend: ['points', 'balance', 'comment', 'name'],
  refund: ['sum', 'returned', 'taken', 'balance'],
  hold: ['points', 'balance', 'comment'],
  released: ['points', 'balance'],
  expiring: ['points', 'balance', 'name'],
  expired: ['points', 'balance'],
  birthday: ['name', 'points', 'expires_on', 'balance'],
};
const KEYS = Object.keys(NAMES) as NoticeKey[];
/** These are numbers of points: written with their word. */
const COUNTED = new Set(['points', 'balance', 'spent', 'earned', 'returned', 'taken', 'expiring', 'held']);

function useNames() {
  const t = useWords('programme');
  return (names: string[]) =>
    names.map((name) => ({
      insert: COUNTED.has(name) ? `{{ ${name}|points }}` : `{{ ${name} }}`,
      label: t(`name.${name}`),
    }));
}

/** Each message: a switch and a text. */
export function Messages({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const names = useNames();
  const set = (key: NoticeKey, part: Partial<Programme['notices'][NoticeKey]>) =>
    change({ notices: { ...programme.notices, [key]: { ...programme.notices[key], ...part } } });
  return (
    <Accordion className={classes.messages} onChange={(key) => key && focus(`notices.${key}`)}>
      {KEYS.map((key) => {
        const notice = programme.notices[key];
        const field = `notices.${key}.text`;
        return (
          <Accordion.Item key={key} value={key}>
            <div className={classes.message}>
              <Switch
                aria-label={t(`notice.${key}`)}
                checked={notice.on}
                onChange={(event) => {
                  focus(`notices.${key}`);
                  set(key, { on: event.currentTarget.checked });
                }}
              />
              <Accordion.Control data-off={notice.on ? undefined : true}>
                {t(`notice.${key}`)}
              </Accordion.Control>
            </div>
            <Accordion.Panel>
              <WordingField
                label={t('text')}
                value={notice.text}
                onChange={(text) => set(key, { text })}
                names={names(NAMES[key])}
                errors={{ ru: wrong(`${field}.ru`), en: wrong(`${field}.en`) }}
                onFocus={() => focus(`notices.${key}`)}
              />
            </Accordion.Panel>
          </Accordion.Item>
        );
      })}
    </Accordion>
  );
}

const SCREENS = ['balance', 'card', 'history', 'history_empty'] as const;
const SCREEN_TEXTS: Record<(typeof SCREENS)[number], Wording> = {
  balance: { ru: 'У вас {{ balance|points }}.', en: 'You have {{ balance|points }}.' },
  card: { ru: 'Карта {{ number }}', en: 'Card {{ number }}' },
  history: { ru: 'История', en: 'History' },
  history_empty: { ru: 'Пока ничего не было.', en: 'Nothing yet.' },
};

/** The screens of the bot that a company may word itself. */
export function Screens({ programme, change, wrong, focus }: Part) {
  const t = useWords('programme');
  const names = useNames();
  const { screens } = programme;
  return (
    <Accordion className={classes.messages} onChange={(key) => key && focus(`screens.${key}`)}>
      {SCREENS.map((key) => {
        const text = screens[key];
        const field = `screens.${key}`;
        const own = (on: boolean) =>
          change({ screens: { ...screens, [key]: on ? SCREEN_TEXTS[key] : undefined } });
        return (
          <Accordion.Item key={key} value={key}>
            <Accordion.Control className={classes.screen}>
              {t(`screen.${key}`)}
              <span className={classes.whose}>{text ? t('screen.own') : t('screen.program')}</span>
            </Accordion.Control>
            <Accordion.Panel>
              <Switch
                label={t('screen.own')}
                checked={text !== undefined}
                onChange={(event) => own(event.currentTarget.checked)}
                mb={12}
              />
              {text && (
                <WordingField
                  label={t('text')}
                  value={text}
                  onChange={(text) => change({ screens: { ...screens, [key]: text } })}
                  names={names(['name', 'balance', 'number', 'expiring', 'expires_on', 'business'])}
                  errors={{ ru: wrong(`${field}.ru`), en: wrong(`${field}.en`) }}
                  onFocus={() => focus(field)}
                />
              )}
            </Accordion.Panel>
          </Accordion.Item>
        );
      })}
    </Accordion>
  );
}
