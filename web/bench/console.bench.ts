// Times by the clock of the page itself: from the beginning of the navigation, from the stamp of the key, to the frame
// in which the thing stands. Steps of Playwright are not in them.
import { writeFile } from 'node:fs/promises';
import { type Page, test } from '@playwright/test';
import { Visitor } from '../e2e/people';
import { enter } from '../e2e/program';

interface Asked {
  /** Where the program is, the link that lets one in, its web chat. */
  base: string;
  token: string;
  chat: string;
  /** How often a page is opened, how many letters are typed. */
  rounds: number;
  letters: number;
  /** The file that takes what was measured. */
  told: string;
}

interface Measured {
  what: string;
  budget_ms: number;
  times_ms: number[];
}

const FIRST_LIST_MS = 1_000;
const LETTER_MS = 50;
/** Customers who write at the same time, each once a second: as much as one of them may. */
const WRITERS = 20;
const WORDS = 'one moment please i look whether we have it in the shop on sadovaya street ';
const BETWEEN_LETTERS_MS = 60;
/** Of a conversation with thousands of lines so many pages are read back before one answers in it. */
const PAGES_BACK = 10;
const ANSWER = 'Ответ';
const SEARCH = 'Имя, телефон, слова из переписки';

declare global {
  interface Window {
    shownAt?: number;
    letters: number[];
  }
}

test('what a person at the console waits for', async ({ browser }) => {
  const asked = JSON.parse(process.env.SAMOVAR_BENCH ?? '{}') as Asked;
  const storageState = { cookies: [await enter(asked.base, asked.token)], origins: [] };
  const measured: Measured[] = [];

  const LISTS = [
    ['contacts', '/contacts', '[role="rowgroup"] [role="row"]'],
    ['inbox', '/inbox?tab=all', '[data-index] button'],
  ] as const;
  for (const [name, address, row] of LISTS) {
    const anew: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < asked.rounds; round += 1) {
      const context = await browser.newContext({ storageState });
      const page = await context.newPage();
      await page.addInitScript(tellShown, row);
      anew.push(await opens(page, asked.base + address));
      again.push(await opens(page, asked.base + address));
      await context.close();
    }
    measured.push({ what: `first row of ${name}, nothing cached`, budget_ms: FIRST_LIST_MS, times_ms: anew });
    measured.push({ what: `first row of ${name}, once more`, budget_ms: FIRST_LIST_MS, times_ms: again });
  }

  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${asked.base}/inbox?tab=all`);
  await page.locator('[data-index] button').first().click();
  const lines = page.getByRole('log');
  await lines.locator('time').first().waitFor();
  for (let back = 0; back < PAGES_BACK; back += 1) {
    const earlier = page.waitForResponse(/\/lines\?/);
    await lines.evaluate((box) => box.scrollTo({ top: 0 }));
    await earlier;
  }
  await page.evaluate(tellLetters);
  const quiet = await types(page, asked.letters, ANSWER);
  measured.push({ what: 'letter of an answer', budget_ms: LETTER_MS, times_ms: quiet });
  const visitors = await Promise.all(Array.from({ length: WRITERS }, () => Visitor.of(asked.chat)));
  let writing = true;
  const storm = visitors.map(async (visitor, at) => {
    for (let said = 0; writing; said += 1) {
      await visitor.says(`${said} ${at}`);
      await new Promise((done) => setTimeout(done, 1_000));
    }
  });
  const loud = await types(page, asked.letters, ANSWER);
  writing = false;
  await Promise.all(storm);
  const what = `letter of an answer while ${WRITERS} customers write`;
  measured.push({ what, budget_ms: LETTER_MS, times_ms: loud });
  const search = await types(page, asked.letters, SEARCH);
  measured.push({ what: 'letter of a search in the inbox', budget_ms: LETTER_MS, times_ms: search });
  await writeFile(asked.told, JSON.stringify(measured));
});

/** Runs in the page: notes the moment of the frame in which the row stands. */
function tellShown(row: string): void {
  const watch = new MutationObserver(() => {
    if (!document.querySelector(row)) return;
    watch.disconnect();
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => {
        window.shownAt = performance.now();
      };
      painted.port2.postMessage(null);
    });
  });
  watch.observe(document, { childList: true, subtree: true });
}

async function opens(page: Page, address: string): Promise<number> {
  await page.goto(address);
  const shown = await page.waitForFunction(() => window.shownAt);
  return (await shown.jsonValue()) ?? Number.NaN;
}

/** Runs in the page: notes how long after its key each letter stands in a frame. */
function tellLetters(): void {
  let pressed = 0;
  window.addEventListener(
    'keydown',
    (event) => {
      pressed = event.timeStamp;
    },
    true,
  );
  const typed = () => {
    const from = pressed;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => window.letters.push(performance.now() - from);
      painted.port2.postMessage(null);
    });
  };
  window.addEventListener('input', typed, true);
}

/** Types into a field; how long each letter took. */
async function types(page: Page, letters: number, name: string): Promise<number[]> {
  const field = page.getByRole('textbox', { name, exact: true });
  await field.fill('');
  await field.focus();
  await page.evaluate(() => {
    window.letters = [];
  });
  for (let at = 0; at < letters; at += 1) {
    await page.keyboard.press(WORDS[at % WORDS.length]!);
    await page.waitForTimeout(BETWEEN_LETTERS_MS);
  }
  return page.evaluate(() => window.letters);
}
