// The Mini App, opened in the make-believe Telegram with launch data that it signs.
import { expect, test } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';
import type { Guest } from './people';
import { BOT, type Program } from './program';

test.use({ storageState: undefined, viewport: { width: 390, height: 844 } });

/** The address with launch data, as Telegram opens it for this person. */
async function opened(program: Program, guest: Guest): Promise<string> {
  const answer = await fetch(`${program.url}/demo/api/chats/${BOT}/${guest.id}/app`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return ((await answer.json()) as { url: string }).url;
}

async function stock(program: Program): Promise<void> {
  const name = (ru: string, en: string) => ({ ru, en });
  await program.api('PUT', '/catalogue/items/e2e-tea', {
    item: { name: name('Иван-чай с чабрецом', 'Fireweed tea'), points: 40, position: -2 },
  });
  await program.api('PUT', '/catalogue/items/e2e-set', {
    item: { name: name('Набор «Вечер», 3 вида', 'Evening set'), points: 900, position: -1 },
  });
}

test('a guest sees the card and orders for points', async ({ page, program, guest }) => {
  await stock(program);
  await guest.starts();
  await page.goto(await opened(program, guest));
  await expect(page.getByText('карты у вас ещё нет')).toBeVisible();

  await guest.registers();
  await page.goto('about:blank');
  await page.goto(await opened(program, guest));
  const card = page.getByRole('region', { name: 'Карта' });
  const welcome = Number(await card.locator('b').textContent());
  expect(welcome, 'points for registering').toBeGreaterThan(40);
  await expect(card.getByRole('img', { name: /Код карты/ })).toBeVisible();
  await expectAccessible(page);
  await expectNoSideScroll(page);

  await page
    .getByRole('button', { name: /Иван-чай/ })
    .first()
    .click();
  const sheet = page.getByRole('dialog');
  await expectAccessible(page);
  await sheet.getByRole('button', { name: /Заказать за 40/ }).click();
  await expect(sheet.getByText('Заказ принят')).toBeVisible();
  await sheet.getByRole('button', { name: 'К заказам' }).click();
  await expect(page.getByText('Иван-чай с чабрецом')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Карта' }).click();
  await expect(card.locator('b')).toHaveText(String(welcome - 40));
  await page
    .getByRole('button', { name: /Набор «Вечер»/ })
    .first()
    .click();
  await expect(
    page.getByRole('dialog').getByRole('button', { name: new RegExp(`Не хватает ${900 - welcome + 40}`) }),
  ).toBeDisabled();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'История' }).click();
  await expect(page.getByText('За знакомство')).toBeVisible();
  await expectAccessible(page);
});

test('nobody gets in with launch data that Telegram did not sign for this bot', async ({
  page,
  program,
  guest,
}) => {
  await guest.registers();
  const good = await opened(program, guest);
  await page.goto(good.replace(String(guest.id), String(guest.id + 1)));
  await expect(page.getByRole('alert')).toHaveText(/только из чата с ботом/);
  await page.goto('about:blank');
  await page.goto(good.split('#')[0] ?? '');
  await expect(page.getByRole('alert')).toHaveText(/Откройте карту из чата/);
});
