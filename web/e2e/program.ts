// The real program: started on a free port with a temporary SQLite file, stopped when its worker ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions } from '@playwright/test';

type Cookie = Exclude<BrowserContextOptions['storageState'], string | undefined>['cookies'][number];

/** The bot that the make-believe Telegram of the demo knows: what somebody pastes who connects a bot. */
export const BOT_TOKEN = '7000001:samovar-demo-bot-of-the-nail-shop';
export const BOT = 'lak_i_kist_bot';

const PATIENCE_MS = 90_000;

export interface Options {
  /** No company yet: somebody signs up. */
  empty?: boolean;
  lang?: 'ru' | 'en';
  /** How many customers the companies of the demo have together. */
  customers?: number;
}

export class Program {
  /** What it said when it began. */
  readonly greeting: string;
  /** Where it is, without a slash at the end. */
  readonly url: string;
  private session?: Promise<Cookie>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    greeting: string,
  ) {
    this.greeting = greeting;
    this.url = /http:\/\/127\.0\.0\.1:\d+/.exec(greeting)?.[0] ?? '';
  }

  static async start(options: Options = {}): Promise<Program> {
    const binary = process.env.SAMOVAR_BIN ?? resolve(import.meta.dirname, '../../target/debug/samovar');
    if (!existsSync(binary)) throw new Error(`there is no ${binary}: cargo build, or give SAMOVAR_BIN`);
    const folder = await mkdtemp(join(tmpdir(), 'samovar-e2e-'));
    const args = [
      'demo',
      '--port',
      '0',
      '--database',
      join(folder, 'demo.sqlite'),
      '--lang',
      options.lang ?? 'ru',
    ];
    if (options.empty) args.push('--empty');
    else args.push('--customers', String(options.customers ?? 300));
    const child = spawn(binary, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const greeting = await firstWords(child).catch(async (error) => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    return new Program(child, folder, greeting);
  }

  /** The key that may do everything in the demo's company. */
  get key(): string {
    return /Bearer ([^\s)]+)/.exec(this.greeting)?.[1] ?? '';
  }

  /** The owner's session in a browser: signed in by the link that the program printed, which is good once. */
  async signIn(): Promise<Cookie> {
    this.session ??= enter(this.url, /\/enter\/([^\s]+)/.exec(this.greeting)?.[1]);
    return this.session;
  }

  /** Asks the REST API. */
  async api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    return this.ask(method, path, 'application/json', body === undefined ? undefined : JSON.stringify(body));
  }

  /** Brings a file by the REST API. */
  async bring<T = unknown>(path: string, file: string): Promise<T> {
    return this.ask('POST', path, 'application/octet-stream', file);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((done) => this.child.once('exit', done));
      this.child.kill('SIGTERM');
      const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ask<T>(method: string, path: string, type: string, body?: string): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': type },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }
}

/** The greeting is whole when the program has said how to stop it. */
function firstWords(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = '';
    let complained = '';
    const late = setTimeout(
      () => fail(new Error(`the program does not begin:\n${said}${complained}`)),
      PATIENCE_MS,
    );
    child.stderr?.on('data', (bytes) => {
      complained = (complained + bytes).slice(-8000);
    });
    child.stdout?.on('data', (bytes) => {
      said += bytes;
      if (!/Ctrl-C/.test(said)) return;
      clearTimeout(late);
      done(said);
    });
    child.once('exit', (code) => fail(new Error(`the program ended with ${code}:\n${said}${complained}`)));
  });
}

/** The session of whoever comes in by a link, which is good once. */
export async function enter(url: string, token?: string): Promise<Cookie> {
  const answer = await fetch(`${url}/api/v1/entry/link`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-samovar': 'console',
      'sec-fetch-site': 'same-origin',
    },
    body: JSON.stringify({ token }),
  });
  const [name, value] = (answer.headers.get('set-cookie') ?? '').split(';')[0]?.split('=') ?? [];
  if (!answer.ok || !name || !value)
    throw new Error(`nobody is let in: ${answer.status} ${await answer.text()}`);
  return {
    name,
    value,
    domain: '127.0.0.1',
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: false,
    sameSite: 'Lax',
  };
}
