// The operations desk: points given, spent by the guest's code, brought back with a purchase.
import { expect, test } from './journey';
import { type Guest, until } from './people';
import type { Program } from './program';

interface Contact {
  id: string;
}

/** The contact that somebody in Telegram became, under a name that nobody else has. */
async function contactOf(program: Program, guest: Guest, name: string): Promise<string> {
  const id = await until('a contact', async () => {
    const { items } = await program.api<{ items: Contact[] }>('GET', '/contacts?limit=50');
    for (const contact of items) {
      const known = await program.api<{ external_id: string }[]>('GET', `/contacts/${contact.id}/identities`);
      if (known.some((one) => one.external_id === String(guest.id))) return contact.id;
    }
    return null;
  });
  await program.api('PATCH', `/contacts/${id}`, { name });
  return id;
}

test('a cashier gives points, the guest spends them by a code and brings the purchase back', async ({
  page,
  program,
  guest,
}) => {
  await guest.starts();
  const name = `Вера Кассова ${Date.now()}`;
  await contactOf(program, guest, name);

  await page.goto('/till');
  await page.getByRole('combobox').fill(name);
  await page.getByRole('option').filter({ hasText: name }).waitFor();
  await page.getByRole('combobox').press('Enter');
  await expect(page.getByRole('heading', { name })).toBeVisible();
  const before = Number((await page.getByTestId('balance').innerText()).replace(/\D/g, ''));

  await page.getByText('Начислить', { exact: true }).click();
  await page.getByLabel('Сколько баллов').fill('500');
  await page.getByLabel('За что').fill('За терпение');
  await page.getByRole('button', { name: 'Начислить 500 баллов' }).click();
  await expect(page.getByTestId('balance')).toHaveText(whole(before + 500));
  await guest.hears('За терпение');

  await page.getByText('Покупка', { exact: true }).click();
  await page.getByLabel('Сумма покупки').fill('2000');
  await page.getByLabel('Оплатить баллами').fill('300');
  await expect(page.getByText('1 700 ₽')).toBeVisible();
  await page.getByRole('button', { name: 'Подтвердить кодом' }).click();
  const told = await guest.hears('код');
  const code = /\b\d{4}\b/.exec(told)?.[0] ?? '';
  await page.getByLabel('Код от гостя, 1').click();
  await page.keyboard.type(code);
  await expect(page.getByText(/Покупка проведена/)).toBeVisible();

  await page.getByText('Покупки', { exact: true }).click();
  await page.getByRole('button', { name: 'Вернуть', exact: true }).click();
  await page.getByRole('button', { name: 'Вернуть 2 000 ₽' }).click();
  await expect(page.getByText('отдайте 1 700 ₽')).toBeVisible();
  await expect(page.getByTestId('balance')).toHaveText(whole(before + 500));
});

/** As the page writes numbers. */
function whole(number: number): string {
  return new Intl.NumberFormat('ru-RU').format(number);
}
