import { fetcher, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import type { Language } from '../../i18n';

type Programme = components['schemas']['LoyaltyProgramme'];

/** A ready bot of the library. */
export type Ready = {
  name: 'shop' | 'service' | 'coffee';
  /** The scenario's short name; English ones end with `-en`. */
  key: string;
  text: Record<Language, () => Promise<{ default: string }>>;
  programme: Record<string, unknown>;
};

export const READY: Ready[] = [
  {
    name: 'shop',
    key: 'nail-shop-loyalty',
    text: {
      ru: () => import('../../../../examples/nail-shop-loyalty/ru.toml?raw'),
      en: () => import('../../../../examples/nail-shop-loyalty/en.toml?raw'),
    },
    programme: {
      welcome_points: 150,
      expiry_days: 90,
      earning: { percent_bp: 500 },
      spending: { max_percent_bp: 3000 },
    },
  },
  {
    name: 'service',
    key: 'service-points',
    text: {
      ru: () => import('../../../../examples/service-points/ru.toml?raw'),
      en: () => import('../../../../examples/service-points/en.toml?raw'),
    },
    programme: { welcome_points: 100, expiry_days: 365 },
  },
  {
    name: 'coffee',
    key: 'coffee-loyalty',
    text: {
      ru: () => import('../../../../examples/coffee-loyalty/ru.toml?raw'),
      en: () => import('../../../../examples/coffee-loyalty/en.toml?raw'),
    },
    programme: { welcome_points: 100, expiry_days: 180 },
  },
];

const missing = (error: unknown): boolean => error instanceof Problem && error.status === 404;

/** Publishes a ready bot, with the text people agree to and the programme it speaks of. What is there already stays. */
export async function prepare(ready: Ready, language: Language, consent: string): Promise<string> {
  const key = language === 'en' ? `${ready.key}-en` : ready.key;
  const known = await fetcher
    .GET('/api/v1/scenarios/{key}', { params: { path: { key } } })
    .then(() => true)
    .catch((error: unknown) => {
      if (missing(error)) return false;
      throw error;
    });
  if (!known) {
    const { default: text } = await ready.text[language]();
    await fetcher.POST('/api/v1/scenarios/import', {
      body: text as never,
      bodySerializer: (body) => body as unknown as string,
      headers: { 'content-type': 'application/toml' },
    });
  }
  await fetcher.POST('/api/v1/scenarios/{key}/publish', { params: { path: { key } } });
  const texts = await fetcher.GET('/api/v1/consent-texts');
  if (!texts.data?.some((one) => one.purpose === 'loyalty')) {
    await fetcher.PUT('/api/v1/consent-texts/{purpose}', {
      params: { path: { purpose: 'loyalty' } },
      body: { text: consent },
    });
  }
  const programme = await fetcher.GET('/api/v1/loyalty/programme');
  if (programme.data?.revision === 0) {
    await fetcher.PUT('/api/v1/loyalty/programme', {
      body: { programme: { ...programme.data.programme, ...ready.programme } as Programme } as never,
    });
  }
  return key;
}

/** Connects a bot that was found by its token to a scenario. The way of receiving is chosen by where this page is. */
export async function connect(
  token: string,
  bot: components['schemas']['ChannelBot'],
  scenario: string,
): Promise<string> {
  const made = await fetcher.POST('/api/v1/channels', {
    body: {
      key: (bot.handle ?? `bot-${bot.id}`)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, ''),
      messenger: 'telegram',
      name: bot.name,
      token,
      receive: window.location.protocol === 'https:' ? 'webhook' : 'polling',
      scenarios: [scenario],
    },
  });
  const id = made.data!.id;
  await fetcher.POST('/api/v1/channels/{id}/connect', { params: { path: { id } } });
  return id;
}

/** The web chat in which the bot is tried: the first that the company has, or a new one. */
export async function tryOut(name: string, scenario: string): Promise<string> {
  const all = await fetcher.GET('/api/v1/channels', { params: { query: { limit: 100 } } });
  const there = all.data?.items.find(
    (one) => one.messenger === 'webchat' && one.scenarios.includes(scenario),
  );
  if (there?.page) return there.page;
  const taken = all.data?.items.some((one) => one.key === 'site');
  const made = await fetcher.POST('/api/v1/channels', {
    body: { key: taken ? `site-${scenario}` : 'site', messenger: 'webchat', name, scenarios: [scenario] },
  });
  return made.data!.page!;
}
