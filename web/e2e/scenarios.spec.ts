// A scenario with a condition and a delay: built by hand, tried in the builder, published, and talked to.
import type { Page } from '@playwright/test';
import { expect, test } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';

/** Chooses in a field of the inspector. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  const field = page
    .getByRole('combobox', { name: label, exact: true })
    .or(page.getByRole('textbox', { name: label, exact: true }));
  await field.last().click();
  await page.getByRole('option', { name: option, exact: true }).last().click();
}

test('a scenario is built, tried, published and talked to', async ({ page, visitor }) => {
  await page.goto('/scenarios');
  await page.getByRole('button', { name: 'Новый сценарий' }).click();
  await page.getByRole('button', { name: /Пустой сценарий/ }).click();
  await page.getByLabel('Название').fill('Сюрприз');
  await page.getByRole('button', { name: 'Создать' }).click();
  await expect(page.getByRole('heading', { name: 'Сюрприз' })).toBeVisible();

  await test.step('a delay and a condition before the greeting', async () => {
    await page.getByRole('button', { name: 'Пауза', exact: true }).click();
    await page.getByLabel('Сколько ждать').first().fill('2');
    await choose(page, 'Сколько ждать', 'секунд');
    await choose(page, 'Дальше', 'Сообщение с кнопками');
    await page.getByRole('button', { name: 'Условие', exact: true }).click();
    await choose(page, 'Иначе', 'Пауза');
    await choose(page, 'Баланс вместе с резервом не меньше 100', 'Позвать человека');
    await page.locator('.react-flow__node[data-id="trigger:0"]').click();
    await choose(page, 'Что запускает', 'Фраза');
    await page.getByLabel('Фразы').fill('сюрприз');
    await choose(page, 'Первый шаг', 'Условие');
    await expect(page.getByRole('status').filter({ hasText: 'сохранено' })).toBeVisible();
  });

  await test.step('nothing is lost on reload, and a step back is a step back', async () => {
    await page.getByLabel('Фразы').blur();
    await expect(page.getByRole('button', { name: 'Замечаний нет' })).toBeVisible();
    await page.reload();
    await expect(page.locator('.react-flow__node', { hasText: 'Пауза' })).toBeVisible();
    await expectAccessible(page);
    await expectNoSideScroll(page);
  });

  await test.step('it is tried with a clock of its own', async () => {
    await page.getByRole('button', { name: 'Проверить в чате' }).click();
    const chat = page.getByRole('log');
    await page.getByLabel('Сообщение от гостя').fill('сюрприз');
    await page.getByRole('button', { name: 'Отправить' }).click();
    await page.getByRole('button', { name: 'Через час' }).click();
    await expect(chat.getByText('Здравствуйте, Марина! Чем помочь?')).toBeVisible();
  });

  await test.step('it is published where people are', async () => {
    await page.getByRole('button', { name: 'Опубликовать' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Чат на сайте').check();
    await dialog.getByRole('button', { name: 'Опубликовать' }).click();
    await expect(page.getByText('Версия 1 работает').first()).toBeVisible();
  });

  await visitor.says('сюрприз');
  await visitor.hears('Чем помочь?');
});
