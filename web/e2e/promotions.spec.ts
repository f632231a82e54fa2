// A small promotion from its creation to the prize in somebody's hands: tried with a receipt, started, receipts sent; then
// its draw is planned, frozen, held, shown, published, and checked by strangers.
import { Buffer } from 'node:buffer';
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from './journey';
import { expectAccessible, expectNoSideScroll } from './look';
import { Visitor } from './people';
import type { Program } from './program';

/** The code of a receipt that nobody has sent: bought today, where the business is. The make-believe service of checks
 * goes by its numbers, and finds nothing odd in these. */
function receipt(rubles: number): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Moscow' }).format(new Date());
  const [drive, document, sign] = [100_000 + rubles, 10_000 + rubles, 300_002_000 + rubles];
  return `t=${day.replaceAll('-', '')}T0905&s=${rubles}.00&fn=7281440500${drive}&i=${document}&fp=${sign}&n=1`;
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

test('a small promotion is made, tried, started, drawn, and its prizes are handed over', async ({
  page,
  context,
  program,
}) => {
  test.setTimeout(120_000);
  const key = `akciya-${Date.now()}`;
  const name = `Чай за чек ${key.slice(-5)}`;
  const channel = await chat(program, key);
  const tab = (title: string) => page.getByRole('tab', { name: title });
  /** Who holds which ticket. */
  const holders = new Map<number, Visitor>();

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
    holders.set(1, await takesPart(program, channel.hook, `хочу ${key}`, receipt(1285), 'в розыгрыше: 1'));
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

  const company = await program.api<{ key: string }>('GET', '/tenant');
  const promotion = promotionOf(page);
  const made = await program.api<{ key: string }>('GET', `/promotions/${promotion}`);
  const pages = `/p/${company.key}/${made.key}`;
  let draw = '';

  await test.step('a draw is planned, and rehearsed on its screen', async () => {
    for (const number of [2, 3])
      holders.set(
        number,
        await takesPart(
          program,
          channel.hook,
          `хочу ${key}`,
          receipt(500 + number),
          `в розыгрыше: ${number}`,
        ),
      );
    await named(program, promotion, ['Анна Каренина', 'Борис Годунов', 'Вера Павлова']);
    await tab('Розыгрыши').click();
    await page.getByRole('button', { name: 'Запланировать розыгрыш' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Название').fill('Большой розыгрыш');
    await form.getByLabel('Что вручаем').fill('Медный самовар');
    await form.getByLabel('Сколько').fill('2');
    await form.getByLabel('Цена одного, ₽').fill('4500');
    await form.getByLabel('Запасных победителей').fill('1');
    await form.getByRole('radio', { name: 'Секрет организатора' }).check();
    await expectAccessible(page);
    await form.getByRole('button', { name: 'Сохранить план' }).click();
    await expect(page.getByText('Чеки этого периода ещё принимаются')).toBeVisible();
    draw = /draws\/(drw_[^/]+)/.exec(page.url())?.[1] ?? '';
    await rehearsed(page, context);
  });

  await test.step('its list is frozen, and its fingerprint published before anybody knows who wins', async () => {
    await endsNow(program, promotion, draw);
    await expect(page.getByText('Билетов в списке: 3')).toBeVisible();
    await page.getByRole('button', { name: 'Заморозить список' }).click();
    await sure(page, 'Заморозить список');
    await expect(page.getByText('Опубликуйте отпечаток до розыгрыша')).toBeVisible();
    await expectAccessible(page);
    await expectNoSideScroll(page);
    const seen = await context.newPage();
    await seen.goto(`${pages}/draws/${draw}`);
    await expect(seen.getByText('Опубликован до того')).toBeVisible();
    await expect(seen.getByRole('heading', { name: 'Победители', exact: true })).toBeHidden();
    await expectAccessible(seen);
    await seen.close();
  });

  await test.step('it is held, and shown by keys', async () => {
    await page.getByRole('button', { name: 'Провести розыгрыш' }).click();
    await sure(page, 'Провести розыгрыш');
    await expect(page.getByText('Победители определены')).toBeVisible();
    const live = await screen(page, context);
    await expect(live.getByRole('heading', { name: 'Большой розыгрыш' })).toBeVisible();
    await expectAccessible(live);
    for (const heard of ['Отпечаток опубликован до розыгрыша', 'Случайное число', 'Медный самовар']) {
      await live.keyboard.press('Space');
      await expect(live.getByRole('heading', { name: heard })).toBeVisible();
    }
    for (const at of ['1 из 2', '2 из 2']) {
      await live.keyboard.press('ArrowRight');
      await expect(live.getByRole('heading', { name: at })).toBeVisible();
      await live.keyboard.press('Space');
      await expect(live.getByText(/^(Анна К|Борис Г|Вера П)\./)).toBeVisible();
    }
    await live.keyboard.press('PageDown');
    await expect(live.getByRole('heading', { name: 'Поздравляем победителей' })).toBeVisible();
    await live.keyboard.press('Escape');
    await expect(live.getByRole('heading', { name: 'Большой розыгрыш' })).toBeVisible();
    await live.close();
  });

  const winners = async () =>
    program.api<{ items: { place: number; ticket: number; state: string; contact_name: string }[] }>(
      'GET',
      `/promotions/${promotion}/draws/${draw}/winners`,
    );
  const person = (ticket: number | undefined) => {
    const found = holders.get(ticket ?? 0);
    if (!found) throw new Error(`nobody holds ticket ${ticket}`);
    return found;
  };

  await test.step('winners are told; one says where the prize goes, one refuses, the reserve is called', async () => {
    await page.getByRole('button', { name: 'Объявить победителей' }).click();
    await sure(page, 'Объявить победителей');
    await expect(page.getByRole('listitem').filter({ hasText: 'ждём ответа' })).toHaveCount(2);
    const [first, second, third] = (await winners()).items;
    const takes = person(first?.ticket);
    await takes.hears('выиграл: Медный самовар');
    await takes.presses('Беру приз');
    await takes.hears('Как вас зовут?');
    await takes.says('Каренина Анна Аркадьевна');
    await takes.hears('На какой телефон');
    await takes.says('+7 916 123-45-67');
    await takes.hears('Куда отправить?');
    await takes.says('101000, Москва, Мясницкая, 1, кв. 2');
    await takes.presses('Верно, согласен');
    await takes.hears('всё записали');
    const refuses = person(second?.ticket);
    await refuses.presses('Отказаться');
    await refuses.hears('перейдёт к следующему');
    await person(third?.ticket).hears('выиграл: Медный самовар');
    await expect(page.getByRole('listitem').filter({ hasText: 'вместо места 2' })).toContainText(
      'ждём ответа',
    );
  });

  await test.step('a prize is sent and handed over, and its tax written down', async () => {
    const [first] = (await winners()).items;
    await page.getByRole('listitem').filter({ hasText: 'согласен' }).getByRole('button').click();
    const drawer = page.getByRole('dialog', { name: 'Победитель, место 1' });
    await expect(drawer.getByLabel('Адрес')).toHaveValue('101000, Москва, Мясницкая, 1, кв. 2');
    await expectAccessible(page);
    await drawer.getByLabel('Заметка').fill('Почта, трек 8008');
    await drawer.getByRole('button', { name: 'Отправили приз' }).click();
    await person(first?.ticket).hears('Почта, трек 8008');
    await drawer.getByRole('button', { name: 'Вручили приз' }).click();
    const question = page.getByRole('dialog', { name: 'Приз вручён?' });
    await question.getByRole('button', { name: 'Вручили приз' }).click();
    await expect(drawer.getByText('вручён', { exact: true })).toBeVisible();
    await drawer.getByRole('button', { name: 'Закрыть' }).first().click();
    await page.goto('/prizes');
    await expect(page.getByRole('row').filter({ hasText: first?.contact_name })).toContainText('175');
    await expectAccessible(page);
  });

  await test.step('strangers see who won and to whom a prize passed, and check the draw', async () => {
    const seen = await context.newPage();
    await seen.goto(`${pages}/winners`);
    const [, second, third] = (await winners()).items;
    await expect(seen.getByRole('listitem').filter({ hasText: 'Приз перешёл' })).toContainText(
      `${third?.ticket}`,
    );
    await expect(seen.getByRole('listitem').filter({ hasText: 'Из резерва' })).toContainText(
      `${second?.ticket}`,
    );
    await expectAccessible(seen);
    await seen.goto(`${pages}/draws/${draw}`);
    // As it was before the draw it is good for half a minute.
    await seen.reload();
    await seen.getByLabel('Номер вашего билета').fill(String(third?.ticket));
    await seen.getByRole('button', { name: 'Проверить', exact: true }).click();
    await expect(seen.getByRole('status')).toContainText('выиграл: Медный самовар');
    await seen.getByRole('link', { name: 'Проверить розыгрыш' }).click();
    await expect(seen.getByRole('heading', { name: 'Всё сходится' })).toBeVisible();
    await expectAccessible(seen);
    const file = async (name: string) => (await seen.request.get(`${pages}/draws/${draw}/${name}`)).body();
    const [protocol, list] = [await file('protocol'), await file('list')];
    expect(await checked(seen, protocol, list)).toBe('Всё сходится');
    const swapped = Buffer.from(list);
    swapped[0] = '9'.charCodeAt(0);
    expect(await checked(seen, protocol, swapped)).toBe('Не сходится');
    const forged = Buffer.from(protocol.toString().replace('Большой', 'Больший'));
    expect(await checked(seen, forged, list)).toBe('Не сходится');
    await seen.close();
  });
});

/** The promotion of the page. */
function promotionOf(page: Page): string {
  return /promotions\/(prm_[^/?]+)/.exec(page.url())?.[1] ?? '';
}

/** The staff writes down how the participants who have tickets are called. */
async function named(program: Program, promotion: string, names: string[]): Promise<void> {
  const tickets = await program.api<{ items: { contact_id: string }[] }>(
    'GET',
    `/promotions/${promotion}/tickets`,
  );
  for (const [at, { contact_id }] of tickets.items.entries())
    await program.api('PATCH', `/contacts/${contact_id}`, { name: names[at] });
}

/** The time of a draw's tickets ends this second: a form knows only minutes. */
async function endsNow(program: Program, promotion: string, draw: string): Promise<void> {
  const path = `/promotions/${promotion}/draws/${draw}`;
  const { revision, name, from, prizes, reserve, source } = await program.api<Record<string, unknown>>(
    'GET',
    path,
  );
  const now = new Date().toISOString();
  const plan = { name, from, until: now, planned_at: now, prizes, reserve, source };
  await program.api('PUT', path, { revision, plan });
}

/** The screen of the draw that the page shows. */
async function screen(page: Page, context: BrowserContext): Promise<Page> {
  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: /^(Экран для эфира|Репетиция)$/ }).click();
  const live = await opened;
  await live.setViewportSize({ width: 1920, height: 1080 });
  return live;
}

/** The show is played with made-up winners, and says so all the time. */
async function rehearsed(page: Page, context: BrowserContext): Promise<void> {
  const live = await screen(page, context);
  await live.getByRole('button', { name: 'Репетиция' }).click();
  await expect(live.getByText('Репетиция — призы не разыгрываются')).toBeVisible();
  await live.keyboard.press('End');
  await expect(live.getByRole('heading', { name: 'Поздравляем победителей' })).toBeVisible();
  await expect(live.getByText('Репетиция — призы не разыгрываются')).toBeVisible();
  await live.close();
}

/** A stranger brings files to the page of checks: its verdict. */
async function checked(page: Page, protocol: Buffer, list: Buffer): Promise<string> {
  const file = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer });
  await page.goto('/p/check');
  await page.getByLabel('Файл протокола').setInputFiles(file('protocol.json', 'application/json', protocol));
  await page.getByLabel('Файл списка билетов').setInputFiles(file('list.tsv', 'text/plain', list));
  await page.getByRole('button', { name: 'Пересчитать' }).click();
  return (await page.locator('.verdict h2').textContent()) ?? '';
}

/** Somebody new comes in by the phrase, accepts the rules, sends a receipt and hears of it. */
async function takesPart(
  program: Program,
  hook: string,
  phrase: string,
  code: string,
  answer: string,
): Promise<Visitor> {
  const visitor = await Visitor.at(program, hook);
  await visitor.says(phrase);
  await visitor.presses('Принимаю правила');
  await visitor.hears('Пришлите фото QR-кода');
  await visitor.says(code);
  await visitor.hears(answer);
  return visitor;
}
