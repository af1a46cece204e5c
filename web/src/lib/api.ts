// Asking the service. What it refuses becomes a Problem, with what to mend.
import { reader, w } from './words.svelte';

/** A row of /v1/places; `planned`: one that a plan can be made for. */
export interface Place { id: string; slug: string; name_zh: string; name_en: string; planned: boolean; column: number | null; row: number | null }

export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, detail: string) {
    super(detail);
  }
}

/** Any question; raises Problem. */
export async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const token = sessionStorage.getItem('token');
  const answer = await fetch(path, {
    method,
    headers: {
      'accept-language': reader.lang,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, said.title ?? answer.statusText, said.detail ?? w('web.broken'));
}

export const get = async <T>(path: string): Promise<T> => (await ask('GET', path)).json();
export const post = async <T>(path: string, body: unknown): Promise<T> => (await ask('POST', path, body)).json();
export const text = async (method: string, path: string, body?: unknown): Promise<string> =>
  (await ask(method, path, body, { accept: 'text/html' })).text();

/** Save what an address holds as a file. */
export async function save(path: string, name: string): Promise<void> {
  keep(await (await ask('GET', path)).blob(), name);
}

/** Save content as a file. */
export function keep(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
