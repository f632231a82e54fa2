// The web chat's protocol (crates/http/src/chat): the server keeps the conversation; a page keeps a token, and what it
// could not send yet. Knows nothing of how it is shown.

export interface Button {
  label: string;
  press?: string;
  open?: string;
}

export interface Line {
  id: string;
  mine: boolean;
  at: number;
  text: string;
  picture?: string;
  file?: { name: string; url?: string };
  buttons: Button[][];
  state?: 'sending' | 'failed';
}

/** What is wrong, for people to be told. */
export type Trouble = 'offline' | 'refused' | 'closed' | 'large' | 'busy';

export interface View {
  lines: Line[];
  /** The conversation was read, so what is shown is all there is. */
  open: boolean;
  /** Nobody has begun yet. */
  fresh: boolean;
  typing: boolean;
  trouble?: Trouble;
}

interface Said {
  id: string;
  at?: string;
  mine?: boolean;
  text?: string;
  media?: { kind: 'photo' | 'document'; key: string };
  buttons?: { label: string; action: { press?: string; open?: string } }[][];
}

const FILE_BYTES_MAX = 20 * 1024 * 1024;
const TYPING_MS = 6_000;

class Refused extends Error {
  constructor(readonly status: number) {
    super(String(status));
  }
}

export class Chat {
  view: View = { lines: [], open: false, fresh: true, typing: false };
  private token: string | null;
  private events?: EventSource;
  private silence?: ReturnType<typeof setTimeout>;
  private readonly retries = new Map<string, () => void>();
  private running = false;

  /** `base` is the address of the channel's chat; `payload` is what the first start carries. */
  constructor(
    private readonly base: string,
    private readonly language: string,
    private readonly changed: (view: View) => void,
    private payload: string | null = null,
  ) {
    this.token = remembered(this.name);
  }

  /** Somebody has spoken here before, in this browser. */
  get known(): boolean {
    return this.token !== null;
  }

  /** Reads the history and listens; asks for a session first where there is none. Tries until it works. */
  async open(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let wait = 1_000; ; wait = Math.min(wait * 2, 30_000)) {
      try {
        if (!this.token) await this.meet();
        await this.reread();
        break;
      } catch (error) {
        const status = error instanceof Refused ? error.status : 0;
        if (status === 401) this.keep(null);
        const gone = status === 404 || status === 403;
        this.show({ trouble: gone ? 'closed' : 'offline' });
        if (gone) return;
        await pause(status === 401 ? 100 : wait);
      }
    }
    this.listen();
    await this.resend();
  }

  async begin(): Promise<void> {
    await this.post({ id: newId(), start: this.payload ? { payload: this.payload } : {} });
    this.payload = null;
    this.show({ fresh: false });
    this.expect();
  }

  write(text: string): void {
    const id = newId();
    this.hold(id, text);
    this.say(id, text);
  }

  /** A press is shown as words of one's own, as the history shows it. */
  press(button: Button, line: Line): void {
    const id = newId();
    const body = { id, press: button.press, message: line.id };
    this.deliver({ ...own(id), text: button.label }, () => this.post(body));
  }

  attach(file: File): void {
    if (file.size > FILE_BYTES_MAX) {
      this.show({ trouble: 'large' });
      return;
    }
    const id = newId();
    this.deliver({ ...own(id), file: { name: file.name } }, async () => {
      const form = new FormData();
      form.append('file', file);
      const stored = (await this.call('files', { method: 'POST', body: form })) as {
        id: string;
        kind: string;
        name: string;
      };
      await this.post({ id, file: { vendor_id: stored.id, kind: stored.kind, name: stored.name } });
      this.reread().catch(() => {}); // by now the server has the picture itself
    });
  }

  retry(line: Line): void {
    this.retries.get(line.id)?.();
  }

  private say(id: string, text: string): Promise<void> {
    return this.deliver({ ...own(id), text }, async () => {
      await this.post({ id, text });
      this.hold(id, null);
    });
  }

  /** What a page that was left could not send goes out when it is opened again, under the same ids. */
  private async resend(): Promise<void> {
    for (const [id, text] of Object.entries(this.held)) {
      if (this.view.lines.some((line) => line.id === id && !line.state)) this.hold(id, null);
      else await this.say(id, text);
    }
  }

  /** Texts that are not known to have arrived, by id. */
  private get held(): Record<string, string> {
    return JSON.parse(remembered(`${this.name}.unsent`) ?? '{}') as Record<string, string>;
  }

  private hold(id: string, text: string | null): void {
    const { [id]: _, ...held } = this.held;
    if (text !== null) held[id] = text;
    remember(`${this.name}.unsent`, Object.keys(held).length ? JSON.stringify(held) : null);
  }

  private get name(): string {
    return `samovar.chat.${new URL(this.base).pathname}`;
  }

  private async meet(): Promise<void> {
    const met = (await this.call('session', { method: 'POST', body: '{}' })) as { token: string };
    this.keep(met.token);
  }

  private keep(token: string | null): void {
    this.token = token;
    remember(this.name, token);
  }

  private async reread(): Promise<void> {
    const history = (await this.call('history', {})) as { items: Said[]; token?: string };
    if (history.token) this.keep(history.token);
    const lines = history.items.map((said) => this.line(said));
    const known = new Set(lines.map((line) => line.id));
    const unsent = this.view.lines.filter((line) => line.state && !known.has(line.id));
    const all = [...lines, ...unsent];
    this.show({
      lines: all,
      open: true,
      fresh: all.length === 0 || this.payload !== null,
      trouble: undefined,
    });
  }

  /** The stream reconnects by itself; whatever was said meanwhile is in the history. */
  private listen(): void {
    this.events?.close();
    const events = new EventSource(`${this.base}/events?token=${encodeURIComponent(this.token ?? '')}`);
    this.events = events;
    let broken = false;
    events.onopen = () => {
      if (broken) this.reread().catch(() => {});
      broken = false;
      this.show({ trouble: undefined });
    };
    events.onerror = async () => {
      broken = true;
      this.show({ trouble: 'offline' });
      if (events.readyState !== EventSource.CLOSED) return;
      await pause(3_000);
      this.running = false;
      this.open();
    };
    events.onmessage = ({ data }) => {
      const heard = JSON.parse(data as string) as Said & { event: 'message' | 'reread' };
      if (heard.event === 'reread') return void this.reread().catch(() => {});
      this.quiet();
      this.show({ fresh: false, lines: put(this.view.lines, this.line(heard)) });
    };
  }

  private line({ id, at, mine, text, media, buttons }: Said): Line {
    const line: Line = {
      id,
      mine: Boolean(mine),
      at: at ? Date.parse(at) : (this.view.lines.find((known) => known.id === id)?.at ?? Date.now()),
      text: text ?? '',
      buttons: (buttons ?? []).map((row) =>
        row.map(({ label, action }) => ({ label, press: action.press, open: action.open })),
      ),
    };
    if (!media) return line;
    const key = media.key.split('/').map(encodeURIComponent).join('/');
    const url = `${this.base}/files/${key}?token=${encodeURIComponent(this.token ?? '')}`;
    if (media.kind === 'photo') line.picture = url;
    else line.file = { name: '', url };
    return line;
  }

  /** Shows a line at once and sends it; the same id goes out again when it is tried again. */
  private async deliver(line: Line, send: () => Promise<void>): Promise<void> {
    this.retries.set(line.id, () => this.deliver(line, send));
    this.show({ lines: put(this.view.lines, { ...line, state: 'sending' }) });
    try {
      await send();
      this.retries.delete(line.id);
      this.show({
        lines: this.view.lines.map((one) => (one.id === line.id ? { ...one, state: undefined } : one)),
      });
      this.expect();
    } catch {
      this.show({ lines: put(this.view.lines, { ...line, state: 'failed' }) });
    }
  }

  private async post(body: unknown): Promise<void> {
    try {
      await this.call('messages', { method: 'POST', body: JSON.stringify(body) });
      this.show({ trouble: undefined });
    } catch (error) {
      const status = error instanceof Refused ? error.status : 0;
      if (status === 401) {
        this.keep(null);
        this.running = false;
        this.open();
      }
      this.show({ trouble: status === 429 ? 'busy' : status ? 'refused' : 'offline' });
      throw error;
    }
  }

  private async call(path: string, options: RequestInit): Promise<unknown> {
    const headers: Record<string, string> = { 'accept-language': this.language };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (typeof options.body === 'string') headers['content-type'] = 'application/json';
    const signal = AbortSignal.timeout(60_000);
    const answer = await fetch(`${this.base}/${path}`, { ...options, headers, signal, credentials: 'omit' });
    if (!answer.ok) throw new Refused(answer.status);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  }

  /** The bot answers in a moment: it is shown as writing until it has, or for a while. */
  private expect(): void {
    this.quiet();
    if (this.view.lines.at(-1)?.mine === false) return;
    this.show({ typing: true });
    this.silence = setTimeout(() => this.show({ typing: false }), TYPING_MS);
  }

  private quiet(): void {
    clearTimeout(this.silence);
    if (this.view.typing) this.show({ typing: false });
  }

  private show(part: Partial<View>): void {
    this.view = { ...this.view, ...part };
    this.changed(this.view);
  }
}

/** A line that is there already is shown anew in its place. */
function put(lines: Line[], line: Line): Line[] {
  const at = lines.findIndex((known) => known.id === line.id);
  return at < 0 ? [...lines, line] : lines.map((known, index) => (index === at ? line : known));
}

function own(id: string): Line {
  return { id, mine: true, at: Date.now(), text: '', buttons: [] };
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** What was kept under a name; null where the browser keeps nothing. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a text under a name, where the browser allows it; null forgets. */
export function remember(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    // a private window
  }
}

/** A random id that a repeated request carries again. `randomUUID` is missing on pages without TLS. */
export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
