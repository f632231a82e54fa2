const ru = {
  tabs: { card: 'Карта', rewards: 'Награды', orders: 'Заказы', history: 'История' },
  earns: (percent: string) => `${percent} от покупки баллами`,
  number: 'Номер карты',
  qr: 'Код карты: покажите его на кассе',
  ending: (points: string, day: string) => `${points} действуют до ${day}`,
  endingTitle: 'Когда сгорают',
  until: (day: string) => `до ${day}`,
  held: (points: string) => `В заказах: ${points}`,
  debt: (points: string) => `Долг: ${points}`,
  rewardsTile: (count: number) => (count > 0 ? `Хватает на ${count}` : 'Посмотрите, на что копить'),
  ordersTile: (count: number) => (count > 0 ? `Готовим: ${count}` : 'Пока нет'),
  all: 'Всё',
  affordable: 'Хватает баллов',
  noRewards: 'Здесь появятся награды за баллы.',
  nothingFits: 'На такие награды баллов пока не хватает.',
  more: 'Показать ещё',
  order: (points: string) => `Заказать за ${points}`,
  missing: (points: string) => `Не хватает ${points}`,
  soldOut: 'Закончилось',
  left: (count: number) => `Осталось: ${count}`,
  ordered: 'Заказ принят',
  orderedMore: (points: string) => `Отложили ${points}. Когда заказ будет готов, напишем в чат.`,
  toOrders: 'К заказам',
  close: 'Закрыть',
  noOrders: 'Заказов пока не было.',
  noHistory: 'Здесь будут видны начисления и списания.',
  outside: 'Откройте карту из чата с ботом: так мы узнаем, чья она.',
  stranger: (business: string) => `${business}: карты у вас ещё нет`,
  strangerMore: 'Напишите боту, он за минуту всё оформит.',
  toChat: 'Открыть чат',
  failed: 'Не удалось загрузить. Проверьте связь и попробуйте ещё раз.',
  again: 'Повторить',
  loading: 'Загружаем',
  states: { open: 'В работе', done: 'Получено', cancelled: 'Отменён' },
};

const en: typeof ru = {
  tabs: { card: 'Card', rewards: 'Rewards', orders: 'Orders', history: 'History' },
  earns: (percent: string) => `${percent} of purchases back in points`,
  number: 'Card number',
  qr: 'Code of the card: show it at the till',
  ending: (points: string, day: string) => `${points} can be spent through ${day}`,
  endingTitle: 'When points end',
  until: (day: string) => `through ${day}`,
  held: (points: string) => `In orders: ${points}`,
  debt: (points: string) => `You owe ${points}`,
  rewardsTile: (count: number) => (count > 0 ? `Enough for ${count}` : 'See what to save for'),
  ordersTile: (count: number) => (count > 0 ? `In progress: ${count}` : 'None yet'),
  all: 'All',
  affordable: 'Enough points',
  noRewards: 'Rewards for points will be shown here.',
  nothingFits: 'Your points do not suffice for such rewards yet.',
  more: 'Show more',
  order: (points: string) => `Order for ${points}`,
  missing: (points: string) => `${points} missing`,
  soldOut: 'Sold out',
  left: (count: number) => `Left: ${count}`,
  ordered: 'Your order is placed',
  orderedMore: (points: string) =>
    `${points} are set aside. We will write to you in the chat when it is ready.`,
  toOrders: 'To the orders',
  close: 'Close',
  noOrders: 'No orders yet.',
  noHistory: 'What you earn and spend will be shown here.',
  outside: 'Open the card from the chat with the bot: that is how we know whose it is.',
  stranger: (business: string) => `${business}: you have no card yet`,
  strangerMore: 'Write to the bot: it takes a minute.',
  toChat: 'Open the chat',
  failed: 'This could not be loaded. Check the connection and try again.',
  again: 'Try again',
  loading: 'Loading',
  states: { open: 'In progress', done: 'Received', cancelled: 'Cancelled' },
};

export type Words = typeof ru;

/** Words, numbers and days in the person's language. */
export class Speech {
  readonly words: Words;
  private readonly numbers: Intl.NumberFormat;
  private readonly rules: Intl.PluralRules;

  constructor(
    readonly locale: 'ru' | 'en',
    private readonly zone: string,
    private readonly units: string[],
  ) {
    this.words = locale === 'en' ? en : ru;
    this.numbers = new Intl.NumberFormat(locale);
    this.rules = new Intl.PluralRules(locale);
  }

  number(value: number): string {
    return this.numbers.format(value).replace('-', '−');
  }

  unit(value: number): string {
    const form =
      { one: 0, few: 1, two: 1 }[this.rules.select(Math.abs(value)) as string] ?? this.units.length - 1;
    return this.units[form] ?? this.units.at(-1) ?? '';
  }

  points(value: number): string {
    return `${this.number(value)}\u00a0${this.unit(value)}`;
  }

  percent(basisPoints: number): string {
    const value = new Intl.NumberFormat(this.locale, { maximumFractionDigits: 2 }).format(basisPoints / 100);
    return this.locale === 'en' ? `${value}%` : `${value}\u00a0%`;
  }

  /** A day as `2026-12-31`: «31 декабря». */
  day(date: string): string {
    return this.format(new Date(`${date}T12:00:00Z`), 'UTC');
  }

  moment(at: string): string {
    return this.format(new Date(at), this.zone);
  }

  private format(date: Date, timeZone: string): string {
    const far = Math.abs(date.getTime() - Date.now()) > 300 * 86_400_000;
    const year = far ? 'numeric' : undefined;
    return new Intl.DateTimeFormat(this.locale, { day: 'numeric', month: 'long', year, timeZone }).format(
      date,
    );
  }
}
