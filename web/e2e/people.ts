// People who write to the bot while somebody works in the console: on the company's site, and in Telegram.
import { randomUUID } from 'node:crypto';
import { BOT, type Program } from './program';

const PATIENCE_MS = 15_000;

interface Line {
  id: string;
  mine: boolean;
  text?: string;
  buttons?: { label: string; action: { press?: string } }[][];
}

/** A visitor of the company's site, who writes in its web chat. */
export class Visitor {
  constructor(
    private readonly base: string,
    /** Opens the conversation: a page with it shows the same. */
    readonly token: string,
  ) {}

  /** Somebody new, on the page of a channel (`site` of the demo when none is named). */
  static async at(program: Program, channel?: string): Promise<Visitor> {
    return Visitor.of(`${program.url}${channel ? `/chat/${channel}` : await chatOf(program)}`);
  }

  /** Somebody new, in the chat at an address. */
  static async of(base: string): Promise<Visitor> {
    const answer = await fetch(`${base}/session`, post({}));
    const { token } = (await answer.json()) as { token: string };
    return new Visitor(base, token);
  }

  starts = (payload?: string) => this.does({ start: payload ? { payload } : {} });
  says = (text: string) => this.does({ text });

  /** Presses the last button of that name. */
  async presses(label: string): Promise<void> {
    const found = await until(`a button «${label}»`, async () => {
      for (const line of (await this.lines()).reverse()) {
        const button = line.buttons?.flat().find((one) => one.label.includes(label));
        if (button?.action.press) return { press: button.action.press, message: line.id };
      }
      return null;
    });
    await this.does(found);
  }

  /** Waits until the bot has said something with these words. */
  async hears(words: string): Promise<string> {
    return until(`the bot says «${words}»`, async () => {
      const said = (await this.lines()).filter((line) => !line.mine && line.text?.includes(words));
      return said.at(-1)?.text ?? null;
    });
  }

  async lines(): Promise<Line[]> {
    const answer = await fetch(`${this.base}/history`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    // Whoever asks too often is told to wait: there is nothing new yet.
    if (answer.status === 429) return [];
    if (!answer.ok) throw new Error(`the chat is not read: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { items: Line[] }).items;
  }

  private async does(what: Record<string, unknown>): Promise<void> {
    const request = post({ id: randomUUID(), ...what });
    request.headers.authorization = `Bearer ${this.token}`;
    const answer = await fetch(`${this.base}/messages`, request);
    if (!answer.ok) throw new Error(`the chat does not take it: ${answer.status} ${await answer.text()}`);
  }
}

interface View {
  messages: {
    message_id: number;
    from_bot: boolean;
    text: string;
    buttons?: { text: string; value?: string }[][];
  }[];
  keyboard?: { rows: { text: string; kind: string }[][] };
}

/** A person with Telegram in their hands. */
export class Guest {
  private constructor(
    private readonly program: Program,
    readonly id: number,
    private readonly bot: string,
  ) {}

  static async named(program: Program, name: string, bot = BOT): Promise<Guest> {
    const answer = await fetch(`${program.url}/demo/api/people`, post({ name, language: 'ru' }));
    return new Guest(program, ((await answer.json()) as { id: number }).id, bot);
  }

  starts = (payload?: string) => this.does('start', { payload });
  says = (text: string) => this.does('say', { text });
  sharesPhone = () => this.does('phone', {});

  async presses(label: string): Promise<void> {
    const found = await until(`a button «${label}»`, async () => {
      for (const message of (await this.view()).messages.reverse()) {
        const button = message.buttons?.flat().find((one) => one.text.includes(label));
        if (button) return { data: button.value, message_id: message.message_id };
      }
      return null;
    });
    await this.does('press', found);
  }

  /** Does what the bot asks of whoever is new: agrees, keeps the offered name, shares the phone. */
  async registers(): Promise<void> {
    await this.starts();
    let answered = 0;
    await until('the menu of the bot', async () => {
      const view = await this.view();
      if (view.keyboard?.rows.flat().some((button) => button.kind === 'contact')) await this.sharesPhone();
      const last = view.messages.filter((message) => message.from_bot).at(-1);
      const buttons = last?.buttons?.flat() ?? [];
      if (buttons.length > 3) return true;
      if (last && buttons[0] && last.message_id > answered) {
        answered = last.message_id;
        await this.does('press', { data: buttons[0].value, message_id: last.message_id });
      }
      return null;
    });
  }

  async hears(words: string): Promise<string> {
    return until(`the bot says «${words}»`, async () => {
      const said = (await this.view()).messages.filter((one) => one.from_bot && one.text.includes(words));
      return said.at(-1)?.text ?? null;
    });
  }

  async view(): Promise<View> {
    const answer = await fetch(`${this.program.url}/demo/api/chats/${this.bot}/${this.id}`);
    return (await answer.json()) as View;
  }

  private async does(verb: string, body: unknown): Promise<void> {
    const answer = await fetch(
      `${this.program.url}/demo/api/chats/${this.bot}/${this.id}/${verb}`,
      post(body),
    );
    if (!answer.ok) throw new Error(`Telegram does not take it: ${answer.status} ${await answer.text()}`);
  }
}

/** Waits until `look` finds something. */
export async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The path of the demo's web chat. */
export async function chatOf(program: Program): Promise<string> {
  const answer = await fetch(`${program.url}/demo/config.json`);
  return ((await answer.json()) as { chat: string }).chat;
}

function post(body: unknown) {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}
