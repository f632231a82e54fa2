// The stage of a journey: `import { expect, test } from './journey'`.
import { test as base, expect, type Page } from '@playwright/test';
import { complaints } from './look';
import { Guest, Visitor } from './people';
import { Program } from './program';

interface Everyone {
  /** The demo's company, living; shared by the journeys of a worker, so look for what you made yourself. */
  program: Program;
}

interface Each {
  /** A program of this journey alone, without a company. */
  empty: Program;
  /** Another person at another computer, signed in like the first. */
  colleague: Page;
  /** Somebody who begins to write in the web chat of the site. */
  visitor: Visitor;
  /** Somebody with Telegram in their hands. */
  guest: Guest;
  /** What the page complained about; a journey that ends with complaints has failed. */
  complained: string[];
}

export const test = base.extend<Each, Everyone>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const program = await Program.start();
      await use(program);
      await program.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  empty: async ({}, use) => {
    const program = await Program.start({ empty: true });
    await use(program);
    await program.stop();
  },
  baseURL: async ({ program }, use) => use(program.url),
  storageState: async ({ program }, use) => use({ cookies: [await program.signIn()], origins: [] }),
  colleague: async ({ browser, contextOptions, program }, use) => {
    const context = await browser.newContext({
      ...contextOptions,
      baseURL: program.url,
      storageState: { cookies: [await program.signIn()], origins: [] },
    });
    await use(await context.newPage());
    await context.close();
  },
  visitor: async ({ program }, use) => use(await Visitor.at(program)),
  guest: async ({ program }, use) => use(await Guest.named(program, 'Вера Новая')),
  complained: [
    async ({ page }, use) => {
      const found = complaints(page);
      await use(found);
      expect(found, 'what the page complained about').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
