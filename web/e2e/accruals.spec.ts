// Points for everybody: what it comes to, how far it is, and taking it back.
import { expect, test } from './journey';

interface Run {
  state: string;
  done: number;
  moved: number;
  undoes: string | null;
}

test('points are given to everybody and taken back', async ({ page, program }) => {
  const comment = `К празднику ${Date.now()}`;
  await page.goto('/accruals?start=true');
  await page.getByLabel('Сколько каждому').fill('25');
  await page.getByLabel('За что').fill(comment);
  await page.getByRole('switch', { name: 'Написать каждому гостю' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Пока идёт начисление' });
  // The figures are counted anew after the last change, and the button with them.
  await expect(async () => {
    await page.getByRole('button', { name: /^Начислить [\d\s]+ балл/ }).click();
    await expect(dialog).toBeVisible({ timeout: 2000 });
  }).toPass();
  await dialog.getByRole('button', { name: /^Начислить/ }).click();

  const run = page.getByTestId('accrual').filter({ hasText: comment });
  await expect(run.getByText('Готово')).toBeVisible({ timeout: 60_000 });
  const runs = () => program.api<{ items: Run[] }>('GET', '/accruals?limit=2').then(({ items }) => items);
  const [given] = await runs();
  expect(given!.moved).toBe(25 * given!.done);

  await run.getByRole('button', { name: 'Отменить начисление' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Отменить начисление' }).click();
  const undoing = page.getByTestId('accrual').filter({ hasText: 'Отмена начисления' }).first();
  await expect(undoing.getByText('Готово')).toBeVisible({ timeout: 60_000 });
  const [undone] = await runs();
  expect(undone!.undoes).not.toBeNull();
  expect(undone!.moved).toBe(-given!.moved);
  await expect(run.getByRole('button', { name: 'Отменить начисление' })).toHaveCount(0);
});
