import { expect, test } from './journey';

// Two people of the company at two computers, and a customer who writes on the site.
test('two colleagues answer a customer, and lose nothing while the connection is away', async ({
  page,
  colleague,
  visitor,
  context,
}) => {
  await visitor.starts();
  const mark = `Есть ли бордовый лак ${Date.now() % 100_000}`;
  await visitor.says('позвать сотрудника');
  await visitor.says(mark);

  await page.goto('/inbox?tab=all');
  await colleague.goto('/inbox?tab=all');
  const row = page.getByRole('button').filter({ hasText: mark });
  await expect(row).toBeVisible();
  await row.click();
  await colleague.getByRole('button').filter({ hasText: mark }).click();

  const answer = page.getByRole('textbox', { name: 'Ответ' });
  await answer.fill('Да, есть, отложить вам?');
  await answer.press('Control+Enter');
  await visitor.hears('отложить вам');
  await expect(colleague.getByRole('log').getByText('Да, есть, отложить вам?')).toHaveCount(1);

  // A note is for the team alone.
  await colleague.getByRole('tab', { name: 'Заметка' }).click();
  await colleague.getByRole('textbox', { name: 'Заметка' }).fill('Постоянная гостья');
  await colleague.getByRole('button', { name: 'Записать' }).click();
  await expect(page.getByRole('log').getByText('Постоянная гостья')).toBeVisible();

  // Without a connection an answer waits, and is said once when it is back.
  await context.setOffline(true);
  await answer.fill('Отложили до вечера');
  await answer.press('Control+Enter');
  await expect(page.getByText('Отправится, когда вернётся связь')).toBeVisible();
  await context.setOffline(false);
  await visitor.hears('Отложили до вечера');
  await expect(page.getByRole('log').getByText('Отложили до вечера')).toHaveCount(1);
  const said = (await visitor.lines()).filter((line) => line.text === 'Отложили до вечера');
  expect(said).toHaveLength(1);
});
