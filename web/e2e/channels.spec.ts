import { expect, test } from './journey';
import { Guest } from './people';
import { BOT_TOKEN } from './program';

const COMPANY = {
  company: 'Чайная «Ветер»',
  zone: 'Europe/Moscow',
  locale: 'ru',
  name: 'Ольга Ветрова',
  email: 'olga@veter.example',
  password: 'чайник на плите',
};

test('from nothing to a living bot', async ({ empty, browser, contextOptions }) => {
  const context = await browser.newContext({ ...contextOptions, baseURL: empty.url, extraHTTPHeaders: {} });
  const page = await context.newPage();
  await test.step('a company signs up', async () => {
    await page.goto('/sign-in');
    const made = await page.evaluate(async (company) => {
      const headers = { 'content-type': 'application/json', 'x-samovar': 'console' };
      const answer = await fetch('/api/v1/entry/sign-up', {
        method: 'POST',
        headers,
        body: JSON.stringify(company),
      });
      return answer.ok;
    }, COMPANY);
    expect(made).toBe(true);
  });
  await test.step('the dashboard leads to the first steps', async () => {
    await page.goto('/home');
    await page.getByRole('link', { name: 'Начать' }).click();
    await expect(page.getByRole('heading', { name: 'Первые шаги' })).toBeVisible();
  });
  await test.step('a ready bot is chosen and the token is checked at once', async () => {
    await page.getByRole('button', { name: /Магазин: баллы со сроком/ }).click();
    await page.getByLabel('Токен').fill('7000001:this-is-not-the-token');
    await expect(page.getByText(/не знает такого токена/)).toBeVisible();
    await page.getByLabel('Токен').fill(BOT_TOKEN);
    await expect(page.getByText(/Бот найден/)).toBeVisible();
    await page.getByRole('button', { name: 'Подключить' }).click();
  });
  await test.step('it answers in the chat of the page, and in Telegram', async () => {
    await expect(page.frameLocator('iframe').locator('body')).toBeVisible();
    const guest = await Guest.named(empty, 'Вера Первая');
    await guest.starts();
    await guest.hears('баллов');
  });
  await test.step('there is a link, and a QR that can be saved', async () => {
    await expect(page.getByText(/https:\/\/t\.me\//).first()).toBeVisible();
    await expect(page.getByRole('img', { name: /QR/ })).toBeVisible();
  });
  await context.close();
});

test('a link with a tag is made, and its guests are counted', async ({ page, program }) => {
  const channels = await program.api<{ items: { id: string; key: string }[] }>('GET', '/channels');
  const bot = channels.items.find((one) => one.key === 'telegram')!;
  await page.goto(`/channels/${bot.id}/links`);
  await page.getByRole('button', { name: 'Добавить ссылку' }).click();
  await page.getByLabel('Где стоит').fill('Витрина на Садовой');
  await expect(page.getByLabel('Метка')).toHaveValue('vitrina-na-sadovoy');
  await page.getByRole('button', { name: 'Сделать ссылку' }).click();
  await expect(page.getByRole('heading', { name: 'Витрина на Садовой' })).toBeVisible();
  await expect(page.getByText(/start=vitrina-na-sadovoy/)).toBeVisible();
});
