// Every page of the console, in two languages, two themes and two widths: nobody is kept from using it, nothing breaks its
// policy, nothing is wider than its window. Pictures are left in target/screens.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';
import type { Program } from './program';

const features = resolve(import.meta.dirname, '../src/features');
const screens = resolve(import.meta.dirname, '../../target/screens');

/** Lists that the API calls otherwise. */
const LISTS: Record<string, string> = { '/inbox': '/conversations', '/files/imports': '/imports' };
/** Pages that a letter leads to: nothing but the letter tells a word that is good. */
const LETTERS = ['/email', '/enter', '/join', '/reset'];
/** Its journey comes there: the first draw of the list is the planned one, and nobody has won it yet. */
const JOURNEYS = ['/promotions/$id/draws/$draw/winners/$place'];

/** Addresses as the features declare them: a variable part stands for the first record of the list before it. */
const pages = readdirSync(features, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => {
    const routes = readFileSync(join(features, name, 'routes.ts'), 'utf8');
    return [...routes.matchAll(/path: '(\/[^']*)'/g)].map((found) => String(found[1]));
  })
  .filter((path) => !JOURNEYS.includes(path))
  .sort();

const widths = [
  { width: 1480, height: 920 },
  { width: 390, height: 844 },
];
const looks = (['ru', 'en'] as const).flatMap((language) => widths.map((size) => ({ language, size })));

for (const path of pages) {
  test(`${path} can be used by everybody`, async ({ page, program, complained }) => {
    test.setTimeout(120_000);
    const address = await addressOf(program, path);
    for (const { language, size } of looks) {
      await page.setViewportSize(size);
      await page.addInitScript((spoken) => localStorage.setItem('samovar.language', spoken), language);
      await page.goto(address);
      await expect(page.getByRole('heading').first()).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      // What is being read has come, or says that it cannot.
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      for (const scheme of ['light', 'dark'] as const) {
        const look = `${path.slice(1).replaceAll('/', '-').replaceAll('$', '')}-${language}-${scheme}-${size.width}`;
        await test.step(look, async () => {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
          await page.screenshot({ path: join(screens, `${look}.png`) });
          await expectAccessible(page);
          await expectNoSideScroll(page);
          expect(complained).toEqual([]);
        });
      }
    }
  });
}

/** The address, with records in the place of its variable parts. */
async function addressOf(program: Program, path: string): Promise<string> {
  const [, list, parts, rest] = /^([^$]*?)((?:\/\$\w+)+)(.*)$/.exec(path) ?? [];
  if (list === undefined || !parts) return path;
  if (LETTERS.includes(list)) return `${list}/used-long-ago`;
  const record = await first(program, LISTS[list] ?? list);
  const values = parts
    .slice(2)
    .split('/$')
    .map((name) => record[`${name}_id`] ?? record[name] ?? record.id);
  return addressOf(program, `${list}/${values.join('/')}${rest}`);
}

/** The first record of a list; one is made when there is none. */
async function first(program: Program, list: string): Promise<Entity> {
  const found = await program.api<Entity[] | { items: Entity[] }>('GET', list);
  const [record] = Array.isArray(found) ? found : found.items;
  return record ?? make(program, list);
}

type Entity = Record<string, string>;

async function make(program: Program, list: string): Promise<Entity> {
  const day = 86_400_000;
  const [now, later] = [new Date().toISOString(), new Date(Date.now() + 30 * day).toISOString()];
  const promotion = { key: 'sweep', name: 'Чай за чек', starts_at: now, ends_at: later };
  const prizes = [{ name: 'Самовар', count: 1, value: 500_000 }];
  const draw = {
    name: 'Главный',
    from: now,
    until: later,
    planned_at: later,
    prizes,
    source: { kind: 'reveal' },
  };
  if (list === '/promotions') return program.api('POST', list, promotion);
  if (list.endsWith('/draws')) return program.api('POST', list, draw);
  if (list === '/imports')
    return program.bring(`${list}?file_name=guests.csv`, 'Имя;Телефон\nАнна;+79161234567\n');
  throw new Error(`there is nothing in ${list}`);
}
