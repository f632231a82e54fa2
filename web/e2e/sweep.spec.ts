// Every page of the console, in two languages, two themes and two widths: nobody is kept from using it, nothing breaks its
// policy, nothing is wider than its window. Pictures are left in target/screens.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';
import type { Program } from './program';

const features = resolve(import.meta.dirname, '../src/features');
const screens = resolve(import.meta.dirname, '../../target/screens');

/** Lists whose first record stands for `$id`: pages below them are looked at, too. */
const RECORDS = ['/promotions'];

/** Addresses as the features declare them: without a variable part, or with the record of such a list. */
const pages = readdirSync(features, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => {
    const routes = readFileSync(join(features, name, 'routes.ts'), 'utf8');
    return [...routes.matchAll(/path: '(\/[^']*)'/g)].map((found) => String(found[1]));
  })
  .filter(
    (path) =>
      !path.includes('$') ||
      RECORDS.some((list) => /^\/\$id(\/[^$]*)?$/.test(path.slice(list.length)) && path.startsWith(list)),
  )
  .sort();

const looks = (['ru', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((scheme) => [1480, 390].map((width) => ({ language, scheme, width }))),
);

for (const path of pages) {
  test(`${path} can be used by everybody`, async ({ page, program, complained }) => {
    test.setTimeout(120_000);
    const address = await addressOf(program, path);
    for (const { language, scheme, width } of looks) {
      const look = `${path.slice(1).replaceAll('/', '-').replaceAll('$', '')}-${language}-${scheme}-${width}`;
      await test.step(look, async () => {
        await page.setViewportSize({ width, height: width > 1000 ? 920 : 844 });
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.addInitScript((spoken) => localStorage.setItem('samovar.language', spoken), language);
        await page.goto(address);
        await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        // What is being read has come, or says that it cannot.
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
        await page.screenshot({ path: join(screens, `${look}.png`) });
        await expectAccessible(page);
        await expectNoSideScroll(page);
        expect(complained).toEqual([]);
      });
    }
  });
}

/** The address with the first record of its list; one is made when there is none. */
async function addressOf(program: Program, path: string): Promise<string> {
  const list = RECORDS.find((one) => path.startsWith(`${one}/$id`));
  if (!list) return path;
  const { items } = await program.api<{ items: { id: string }[] }>('GET', `${list}?limit=1`);
  const day = 86_400_000;
  const record =
    items[0] ??
    (await program.api<{ id: string }>('POST', list, {
      key: 'sweep',
      name: 'Чай за чек',
      starts_at: new Date().toISOString(),
      ends_at: new Date(Date.now() + 30 * day).toISOString(),
    }));
  return path.replace('$id', record.id);
}
