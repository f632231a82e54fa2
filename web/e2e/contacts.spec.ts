// Customers: a segment from the table and a file of it; a file of customers on its way in.
import { expect, test } from './journey';

test('a filter becomes a segment, and a segment a file', async ({ page, program }) => {
  for (const [at, name] of ['Вера Тестова', 'Нина Тестова', 'Олег Тестов'].entries()) {
    await program.api('POST', '/contacts', {
      name,
      phone: `891600077${10 + at}`,
      tags: at < 2 ? ['проба'] : [],
    });
  }
  await page.goto('/contacts');
  await page.getByRole('textbox', { name: 'Имя, телефон, номер карты' }).fill('тестов');
  await expect(page.getByRole('cell', { name: /Тестов/ })).toHaveCount(3);
  await page.getByRole('textbox', { name: 'Имя, телефон, номер карты' }).fill('');

  await page.getByRole('button', { name: 'Фильтр' }).click();
  await page.getByRole('combobox', { name: 'Что' }).click();
  await page.getByRole('option', { name: 'Метки' }).click();
  await page.getByLabel('Значение').and(page.locator('input')).first().fill('проба');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Сохранить как сегмент' }).click();
  await page.getByRole('textbox', { name: 'Название сегмента' }).fill('Проба столика');
  await page.getByRole('button', { name: 'Сохранить', exact: true }).click();
  await expect(page.getByRole('cell', { name: /Тестова/ })).toHaveCount(2);
  await expect(page.getByText('2 контакта')).toBeVisible();

  await page.getByRole('checkbox', { name: 'Выбрать все' }).check();
  await expect(page.getByText('Выбрано по фильтру: 2')).toBeVisible();
  await page.getByRole('button', { name: 'Выгрузить' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Выгрузить' }).click();
  await page.goto('/files/exports');
  const download = page.waitForEvent('download');
  await page
    .getByRole('link', { name: /Скачать contacts/ })
    .first()
    .click();
  expect((await download).suggestedFilename()).toMatch(/^contacts-.*\.xlsx$/);
});

test('the card of a customer keeps what was typed and tells why', async ({ page, program }) => {
  const made = await program.api<{ id: string }>('POST', '/contacts', {
    name: 'Роза Карточкина',
    phone: '89160007790',
  });
  await page.goto(`/contacts/${made.id}`);
  const card = page.getByRole('dialog');
  await expect(card.getByText('+7 916 000-77-90')).toBeVisible();
  await card.getByRole('button', { name: '+ метка' }).click();
  await card.getByRole('combobox', { name: 'Новая метка' }).fill('любит улун');
  await page.keyboard.press('Enter');
  await expect(card.getByText('Получил метку «любит улун»')).toBeVisible();
  await expect(card.getByText(/Почему: программа по API/).first()).toBeVisible();
  await card.getByRole('tab', { name: 'Данные' }).click();
  await card.getByRole('textbox', { name: 'Откуда пришёл' }).fill('плакат');
  await card.getByRole('button', { name: 'Сохранить' }).click();
  await expect(page.getByText('Сохранено', { exact: true })).toBeVisible();
});

test('a file of customers comes in after a look at it', async ({ page }) => {
  await page.goto('/files/imports');
  const csv = 'Имя;Телефон;Бонусы\nЗоя Файлова;89160008801;150\nБез телефона;;10\n';
  await page.locator('input[type=file]').setInputFiles({
    name: 'гости.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(csv),
  });
  await expect(page.getByRole('heading', { name: 'гости.csv' })).toBeVisible();
  await page.getByRole('button', { name: 'Проверить' }).click();
  await expect(page.getByText('Зоя Файлова')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Строки, которые не подойдут' })).toBeVisible();
  await page.getByRole('button', { name: 'Загрузить', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Загрузить' }).click();
  await expect(page.getByText('Загружено 2 из 2')).toBeVisible();
  await page.getByRole('link', { name: 'К контактам' }).click();
  await page.getByRole('textbox', { name: 'Имя, телефон, номер карты' }).fill('файлова');
  await expect(page.getByRole('cell', { name: /Зоя Файлова/ })).toBeVisible();
});

test('a page that did not arrive is asked for again', async ({ page, complained }) => {
  const part = /assets\/SegmentsPage/;
  await page.goto('/contacts');
  await page.route(part, (route) => route.abort());
  await page.getByRole('link', { name: 'Сегменты' }).click();
  await expect(page.getByText('Не получилось загрузить')).toBeVisible();
  expect(complained.splice(0)).toEqual([expect.stringContaining('dynamically imported module')]);
  await page.unroute(part);
  await page.getByRole('button', { name: 'Повторить' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Сегменты' })).toBeVisible();
});
