// Coming in: from nothing to the first page, by an invitation, with a role that sees no phone.
import { expect, test } from './journey';

test.use({ extraHTTPHeaders: {} });

test('a company signs up and its owner stands in the console', async ({ empty, page }) => {
  await page.goto(`${empty.url}/sign-up`);
  await page.getByLabel('Название компании').fill('Ногти и лак');
  await page.getByLabel('Как вас зовут').fill('Вера');
  await page.getByLabel('Почта').fill('vera@nails.ru');
  await page.getByRole('textbox', { name: 'Пароль' }).fill('чайник на плите');
  await page.getByRole('button', { name: 'Завести компанию' }).click();
  await expect(page.getByText('Ногти и лак').first()).toBeVisible();
  await page.goto(`${empty.url}/account`);
  await expect(page.getByText('Это устройство')).toBeVisible();
});

test('an invitation makes a colleague, and their role hides phones', async ({ program, page, browser }) => {
  await program.api('POST', '/contacts', { name: 'Мария Званая', phone: '+79161112233' });
  const role = await program.api<{ role: string }>('POST', '/roles', {
    title: 'Без телефонов',
    base: 'cashier',
    rights: ['contacts_read', 'points_read'],
  });
  const invitation = await program.api<{ payload: string }>('POST', '/staff-invitations', {
    name: 'Олег',
    role: role.role,
  });
  await page.context().clearCookies();
  await page.goto(`${program.url}/join/${invitation.payload}`);
  await expect(page.getByLabel('Как вас зовут')).toHaveValue('Олег');
  await page.getByLabel('Почта').fill('oleg@example.org');
  await page.getByRole('textbox', { name: 'Пароль' }).fill('чайник на плите');
  await page.getByRole('button', { name: 'Присоединиться' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/join'));
  const seen = await page.evaluate(async () => (await fetch('/api/v1/contacts?q=Званая')).text());
  expect(seen).toContain('-22-33');
  expect(seen).not.toContain('9161112233');
  await page.goto(`${program.url}/staff`);
  await expect(page.getByText('У вас нет права открыть этот раздел')).toBeVisible();
  const other = await browser.newPage({ locale: 'ru-RU' });
  await other.goto(`${program.url}/join/${invitation.payload}`);
  await expect(other.getByText('Приглашение не действует')).toBeVisible();
  await other.close();
});
