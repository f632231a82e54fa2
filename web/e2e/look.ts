// What every page must be, whatever it shows.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';
import type axe from 'axe-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Collects what a page complains about: errors of scripts, of the console, violations of the policy. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(`${error.name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    // An answer that says no is shown by the page itself; whether rightly, its own journey tells.
    if (/Failed to load resource/.test(message.text())) return;
    found.push(`${message.text()} (${message.location().url})`);
  });
  return found;
}

/** No finding of axe that keeps somebody from using the page. */
export async function expectAccessible(page: Page): Promise<void> {
  // What is still coming in is half transparent: contrast is judged when it stands.
  await page.evaluate(async () => {
    const ends = (one: Animation) => one.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY;
    await Promise.all(
      document
        .getAnimations()
        .filter(ends)
        .map((one) => one.finished.catch(() => undefined)),
    );
  });
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof axe };
    const { violations } = await run.run(document, { resultTypes: ['violations'] });
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map(
        (one) =>
          `${one.id}: ${one.help}\n${one.nodes
            .map((node) => `    ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`)
            .slice(0, 5)
            .join('\n')}`,
      );
  });
  expect(found, 'axe, serious and critical').toEqual([]);
}

/** The page fits the width of its window. */
export async function expectNoSideScroll(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (node) => node.getBoundingClientRect().right > root.clientWidth + 1,
    );
    return [
      `${root.scrollWidth} of ${root.clientWidth} px`,
      ...wide.slice(-3).map((node) => node.outerHTML.slice(0, 160)),
    ];
  });
  expect(over, 'wider than its window').toEqual([]);
}
