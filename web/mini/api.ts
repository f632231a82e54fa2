// The Mini App's calls (crates/http/src/mini).
import { launch } from './telegram';

export interface Face {
  business: string;
  locale: 'ru' | 'en';
  zone: string;
  units: string[];
  link?: string;
  look: { background: string; ink: string; accent: string };
  earns_bp: number;
  /** Absent of somebody who has not registered. */
  name?: string;
  card?: { number: string; qr: { size: number; path: string }; next_at?: string };
  available: number;
  held: number;
  debt: number;
  ending: { points: number; on: string }[];
}

export interface Offer {
  key: string;
  name: string;
  description?: string;
  picture: boolean;
  points: number;
  money?: string;
  stock?: number;
}

export interface Entry {
  id: string;
  at: string;
  points: number;
  title: string;
}

export interface Order {
  id: string;
  title: string;
  points: number;
  state: 'open' | 'done' | 'cancelled';
  stage: string;
  at: string;
  until?: string;
}

/** Why something was not done, in words for the reader. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    words: string,
  ) {
    super(words);
  }
}

const base = `/api${location.pathname.replace(/\/$/, '')}`;
const kept = `samovar.mini.${location.pathname}`;
const language = navigator.language.startsWith('en') ? 'en' : 'ru';

/** Kept with the launch it was given for: another person's launch in the same window begins anew. */
let token = remembered();

export const face = () => ask<Face>('GET', 'face');
export const offers = async () => (await ask<{ items: Offer[] }>('GET', 'offers')).items;
export const orders = async () => (await ask<{ items: Order[] }>('GET', 'orders')).items;
export const history = (skip: number) =>
  ask<{ items: Entry[]; more: boolean }>('GET', `history?skip=${skip}`);
export const order = (item: string, once: string) =>
  ask<{ id: string; points: number }>('POST', 'orders', { item, once });
export const pictureOf = (offer: Offer) =>
  `${base}/pictures/${encodeURIComponent(offer.key)}?token=${encodeURIComponent(token ?? '')}`;

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  token ??= await enter();
  try {
    return await call<T>(method, path, body);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    token = await enter();
    return call<T>(method, path, body);
  }
}

async function enter(): Promise<string> {
  remember(null);
  token = null;
  if (!launch) throw new Refused(401, 'outside', '');
  const session = await call<{ token: string }>('POST', 'session', { launch });
  remember(session.token);
  return session.token;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { 'accept-language': language };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(`${base}/${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Refused(answer.status, problem.code ?? '', problem.detail ?? '');
}

function remembered(): string | null {
  try {
    const [given, ofLaunch] = JSON.parse(sessionStorage.getItem(kept) ?? '[]') as [string?, string?];
    return given && ofLaunch === launch ? given : null;
  } catch {
    return null;
  }
}

function remember(given: string | null): void {
  try {
    if (given) sessionStorage.setItem(kept, JSON.stringify([given, launch]));
    else sessionStorage.removeItem(kept);
  } catch {
    // nothing is kept here
  }
}
