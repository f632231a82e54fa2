import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { language } from '../i18n';
import type { paths } from './schema';

/** A problem by RFC 9457, as the program tells it: `detail` is already in the reader's language. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId: string | undefined,
    /** What is wrong with single fields, by the field's path. */
    readonly fields: Record<string, string>,
  ) {
    super(detail);
  }
}

type ProblemBody = {
  code?: string;
  detail?: string;
  title?: string;
  request_id?: string;
  errors?: { field: string; detail: string }[];
};

/** Reads a refused answer; a body that is no problem (a proxy's page) still becomes one. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: ProblemBody = await response.json().catch(() => ({}));
  const fields = Object.fromEntries((body.errors ?? []).map((one) => [one.field, one.detail]));
  const detail = body.detail ?? body.title ?? response.statusText;
  const id = body.request_id ?? response.headers.get('x-request-id') ?? undefined;
  return new Problem(response.status, body.code ?? 'unknown', detail, id, fields);
}

const signedOut = new EventTarget();

/** Calls back when an answer says that nobody is signed in. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.addEventListener('signed-out', listener);
  return () => signedOut.removeEventListener('signed-out', listener);
}

let company: string | undefined;

/** The company that this page shows: the program refuses when another tab has switched to another one. */
export function showing(id: string): void {
  company = id;
}

const asConsole: Middleware = {
  onRequest({ request }) {
    request.headers.set('x-samovar', 'console');
    request.headers.set('accept-language', language());
    if (company) request.headers.set('x-samovar-company', company);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    const problem = await problemOf(response);
    if (problem.code === 'other_company') window.location.reload();
    if (problem.status === 401) signedOut.dispatchEvent(new Event('signed-out'));
    throw problem;
  },
};

/** The program's API with types: `await fetcher.POST('/api/v1/…', { body })`. A refusal is thrown as a `Problem`. */
export const fetcher = createFetchClient<paths, 'application/json'>({ baseUrl: window.location.origin });
fetcher.use(asConsole);

/** The same as hooks: `api.useQuery('get', '/api/v1/contacts', …)`, `api.useMutation('post', …)`. */
export const api = createQueryClient(fetcher);

/** A key that makes a repeated request one: made when the form opens, kept over retries, renewed after success. */
export const newKey = (): string => crypto.randomUUID();
