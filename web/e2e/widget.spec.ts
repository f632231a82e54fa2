// The widget on a page of somebody else's site: another origin, with a strict policy of its own.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base, expect } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';
import { chatOf, Visitor } from './people';

/** A page of a shop that loads nothing but the widget, and allows nothing else. */
const test = base.extend<{ site: string }>({
  site: async ({ program }, use) => {
    const channel = (await chatOf(program)).split('/').at(-1);
    const policy = `default-src 'none'; script-src ${program.url}; connect-src ${program.url}; img-src ${program.url}; style-src 'self'`;
    const page = `<!doctype html><html lang="ru"><head><meta name="viewport" content="width=device-width, initial-scale=1"><title>Магазин</title>
      <script src="${program.url}/widget.js" data-channel="${channel}" async></script></head>
      <body><main><h1>Магазин</h1><button>Купить</button></main></body></html>`;
    const server: Server = createServer((_, answer) => {
      answer.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
      });
      answer.end(page);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  },
  // Whoever visits a shop does not work for the company.
  storageState: undefined,
});

test('a visitor of a shop talks to the bot, and goes on after a reload', async ({ page, site }) => {
  await page.goto(site);
  await page.getByRole('button', { name: 'Открыть чат' }).click();
  const chat = page.getByRole('dialog');
  await chat.getByRole('button', { name: 'Начать' }).click();
  const offered = chat.getByRole('log').getByRole('button');
  await expect(offered.first()).toBeVisible();
  await expectAccessible(page);

  const writing = chat.getByRole('textbox', { name: 'Сообщение' });
  await writing.fill('Здравствуйте, вы открыты?');
  await writing.press('Enter');
  await expect(chat.getByText('Здравствуйте, вы открыты?')).toBeVisible();
  await writing.fill('Недописанное');

  await page.reload();
  await expect(page.getByRole('dialog').getByText('Здравствуйте, вы открыты?')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Сообщение' })).toHaveValue('Недописанное');
  await expect(page.getByRole('log').getByRole('button').first()).toBeVisible();
});

test('what is said while the chat is closed is counted', async ({ page, program, site }) => {
  await page.goto(site);
  await page.getByRole('button', { name: 'Открыть чат' }).click();
  await page.getByRole('button', { name: 'Начать' }).click();
  await expect(page.getByRole('log').getByRole('button').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // The same visitor writes from elsewhere, and is answered.
  const kept = await page.evaluate(() =>
    Object.entries(localStorage).find(([name]) => name.startsWith('samovar.chat')),
  );
  const token = String(kept?.[1]);
  await new Visitor(`${program.url}${await chatOf(program)}`, token).says('Вы тут?');
  const opener = page.getByRole('button', { name: /Открыть чат\. Непрочитанных сообщений: \d/ });
  await expect(opener).toBeVisible();
  await expect(opener).toBeFocused();
  await opener.click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Открыть чат', exact: true })).toBeVisible();
});

test('the keyboard stays inside the open chat', async ({ page, site }) => {
  await page.goto(site);
  const opener = page.getByRole('button', { name: 'Открыть чат' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Начать' })).toBeFocused();
  for (let step = 0; step < 8; step += 1) {
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => {
      const root = document.querySelector('#samovar-widget')?.shadowRoot;
      return Boolean(root?.activeElement?.closest('[role=dialog]'));
    });
    expect(inside, `after ${step + 1} steps`).toBe(true);
  }
});

test('on a telephone it fills the screen', async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(site);
  await page.getByRole('button', { name: 'Открыть чат' }).click();
  const box = await page.getByRole('dialog').boundingBox();
  expect(box).toMatchObject({ x: 0, y: 0, width: 390, height: 844 });
  await expectNoSideScroll(page);
  await expectAccessible(page);
});

test('a site that is not allowed gets no chat', async ({ page, program, site, complained }) => {
  const { items } = await program.api<{ items: { id: string; messenger: string }[] }>('GET', '/channels');
  const channel = items.find((one) => one.messenger === 'webchat')?.id;
  await program.api('PATCH', `/channels/${channel}`, { widget: { sites: ['https://shop.example'] } });
  try {
    const said = page.waitForEvent('console', (message) =>
      message.text().includes('cannot be shown on this page'),
    );
    await page.goto(site);
    await said;
    await expect(page.locator('#samovar-widget')).toHaveCount(0);
    expect(complained.splice(0).join()).toContain('blocked by CORS policy');
  } finally {
    await program.api('PATCH', `/channels/${channel}`, { widget: null });
  }
});

test('the chat has a page of its own', async ({ page, program }) => {
  await page.goto(await chatOf(program));
  await page.getByRole('button', { name: 'Начать' }).click();
  await expect(page.getByRole('log').getByRole('button').first()).toBeVisible();
  await expectAccessible(page);
  await expectNoSideScroll(page);
});
