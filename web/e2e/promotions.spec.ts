// A small promotion, from its creation to tickets: tried with a receipt, started, receipts sent, one decided by a person.
import type { Page } from '@playwright/test';
import { expect, test } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';
import { Visitor } from './people';
import type { Program } from './program';

/** The code of a receipt that nobody has sent: bought today, where the business is. */
function receipt(rubles: number): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Moscow' }).format(new Date());
  const any = () => String(Math.floor(Math.random() * 9e8) + 1e8);
  return `t=${day.replaceAll('-', '')}T0905&s=${rubles}.00&fn=7281440500${any().slice(0, 6)}&i=${any().slice(0, 5)}&fp=${any()}&n=1`;
}

/** A web chat of its own, so that no other promotion of the company is meant there. */
async function chat(program: Program, key: string): Promise<{ id: string; name: string; hook: string }> {
  const name = `Чат ${key}`;
  const made = await program.api<{ id: string; page: string }>('POST', '/channels', {
    key,
    messenger: 'webchat',
    name,
    scenarios: [],
  });
  return { id: made.id, name, hook: new URL(made.page, program.url).pathname.split('/').pop() ?? '' };
}

/** Chooses in a field of a form. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  const field = page
    .getByRole('combobox', { name: label, exact: true })
    .or(page.getByRole('textbox', { name: label, exact: true }));
  await field.last().click();
  await page.getByRole('option', { name: option, exact: true }).last().click();
}

async function sure(page: Page, yes: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: yes, exact: true }).click();
}

test('a small promotion is made, tried, started, and gives tickets', async ({ page, program }) => {
  test.setTimeout(120_000);
  const key = `akciya-${Date.now()}`;
  const name = `Чай за чек ${key.slice(-5)}`;
  const channel = await chat(program, key);
  const tab = (title: string) => page.getByRole('tab', { name: title });

  await test.step('three steps make it', async () => {
    await page.goto('/promotions');
    await page.getByRole('link', { name: 'Новая акция' }).click();
    await page.getByLabel('Название').fill(name);
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Moscow' }).format(new Date());
    await page.getByLabel('Первый день').fill(today);
    await page.getByLabel('Что можно выиграть').fill('Медный самовар');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Дальше' }).click();
    await page.getByLabel('Минимальная сумма чека').fill('300');
    await page.getByRole('button', { name: 'Дальше' }).click();
    await page.getByLabel('Кодовая фраза').fill(`хочу ${key}`);
    await expect(page.getByLabel('Правила', { exact: true })).toHaveValue(/Медный самовар/);
    await page.getByRole('button', { name: 'Создать акцию' }).click();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  });

  await test.step('its settings say more, and are tried before they are kept', async () => {
    await tab('Настройки').click();
    await choose(page, 'Бот акции', channel.name);
    await choose(page, 'Если проверить чек негде', 'Верить тому, что в QR-коде');
    await page.getByRole('textbox', { name: 'Названия товаров' }).fill('Водка особая 0,5\nЧай чёрный 100 г');
    await page.getByRole('button', { name: 'Проверить', exact: true }).click();
    await expect(page.getByRole('listitem').filter({ hasText: 'Водка особая' })).toContainText('запрещён');
    await page.getByRole('button', { name: 'Сохранить' }).click();
    await expect(page.getByText('Настройки сохранены')).toBeVisible();
    await expectAccessible(page);
    await expectNoSideScroll(page);
  });

  await test.step('it goes into a bot and is tried there', async () => {
    await tab('Обзор').click();
    await page.getByRole('button', { name: 'Принимать чеки' }).click();
    await sure(page, 'Принимать чеки');
    await expect(page.getByText(`хочу ${key}`)).toBeVisible();
    await page.getByRole('button', { name: 'Начать пробу' }).click();
    await sure(page, 'Начать пробу');
    await expect(page.getByText('Идёт проба')).toBeVisible();
    await takesPart(program, channel.hook, `хочу ${key}`, receipt(450), 'пробный номер');
    await tab('Билеты').click();
    await expect(page.getByRole('row').filter({ hasText: '№ 1' })).toBeVisible();
  });

  await test.step('the start wipes what was tried', async () => {
    await tab('Обзор').click();
    await page.getByRole('button', { name: 'Запустить' }).click();
    await sure(page, 'Запустить');
    await expect(page.getByText(/^Идёт до/)).toBeVisible();
    await tab('Билеты').click();
    await expect(page.getByText('Билетов пока нет')).toBeVisible();
  });

  await test.step('receipts are accepted and refused, and each says why', async () => {
    await takesPart(program, channel.hook, `хочу ${key}`, receipt(1285), 'Ваш номер в розыгрыше: 1');
    await takesPart(program, channel.hook, `хочу ${key}`, receipt(120), 'не принят');
    await tab('Билеты').click();
    await expect(page.getByRole('row').filter({ hasText: '№ 1' })).toBeVisible();
    await tab('Чеки').click();
    await page.getByRole('row').filter({ hasText: '1 285 ₽' }).click();
    const drawer = page.getByRole('dialog');
    await expect(drawer.getByText('Билет № 1')).toBeVisible();
    await expect(drawer.getByText('Как проверяли')).toBeVisible();
    await expectAccessible(page);
    await drawer.getByRole('button', { name: 'Закрыть' }).click();
    await tab('Участники').click();
    await expect(page.getByRole('row')).toHaveCount(3);
  });

  await test.step('a partner’s codes are brought', async () => {
    await tab('Промокоды').click();
    await page.getByRole('button', { name: 'Новый запас' }).click();
    await page.getByLabel('Партнёр').fill('Чайная «Пар»');
    await page.getByRole('button', { name: 'Создать запас' }).click();
    await page.getByLabel('Или вставьте списком').fill('TEA-1\nTEA-2\nTEA-2');
    await page.getByRole('button', { name: 'Загрузить', exact: true }).click();
    await expect(page.getByText('Добавлено: 2. Уже были: 1. Не годятся: 0.')).toBeVisible();
    await page.getByRole('button', { name: 'Закрыть', exact: true }).last().click();
  });

  await test.step('it is extended by one action', async () => {
    await tab('Обзор').click();
    await page.getByRole('button', { name: 'Продлить' }).click();
    await expect(page.getByRole('dialog').getByText(/продлена: чеки принимаем до/)).toBeVisible();
    await sure(page, 'Продлить и рассказать');
    await expect(page.getByText('раньше было до')).toBeVisible();
  });
});

/** Somebody new comes in by the phrase, accepts the rules, sends a receipt and hears of it. */
async function takesPart(
  program: Program,
  hook: string,
  phrase: string,
  code: string,
  answer: string,
): Promise<void> {
  const visitor = await Visitor.at(program, hook);
  await visitor.says(phrase);
  await visitor.presses('Принимаю правила');
  await visitor.hears('Пришлите фото QR-кода');
  await visitor.says(code);
  await visitor.hears(answer);
}
