import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Headers in which the protocols carry a key by itself; `authorization` carries it after `Bearer`. */
const keyHeaders = ['x-api-key', 'x-goog-api-key', 'api-key'];
/** Of one connection alone (RFC 9110 §7.6.1), or speaking of the place the request came from. */
const droppedHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'host', 'cookie', 'forwarded', 'via', 'accept-encoding', 'expect', 'origin'],
  ...['referer', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
]);

/** A request as it may go on to the endpoint. */
export interface Admitted {
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Path and query. */
  readonly target: string;
}

/**
 * The request with the real key in every place where it brought the room's token; null when it brought it in none. A key
 * of any other kind is dropped. Compressed answers are not asked for: what was spent is read from them.
 */
export function admitRequest(
  url: URL,
  headers: IncomingHttpHeaders,
  secrets: { readonly token: string; readonly key: string | null },
): Admitted | null {
  const { token, key } = secrets;
  const admitted: Record<string, string | string[]> = { 'accept-encoding': 'identity' };
  let isAdmitted = false;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || droppedHeaders.has(name)) continue;
    const shape = credentialShape(name, String(value));
    if (shape === null) admitted[name] = value;
    else if (isSame(shape.given, token)) {
      isAdmitted = true;
      if (key !== null) admitted[name] = shape.carry(key);
    }
  }
  const query = querySearch(url, token, key);
  return isAdmitted || query.isAdmitted ? { headers: admitted, target: `${url.pathname}${query.search}` } : null;
}

/** The query with the real key where `?key=` brought the token. */
function querySearch(url: URL, token: string, key: string | null): { search: string; isAdmitted: boolean } {
  const query = new URLSearchParams(url.search);
  const isAdmitted = query.getAll('key').some((value) => isSame(value, token));
  query.delete('key');
  if (isAdmitted && key !== null) query.set('key', key);
  return { search: query.size === 0 ? '' : `?${query.toString()}`, isAdmitted };
}

/** What a header brings as a key, and how it carries one; null for a header that carries none. */
function credentialShape(
  name: string,
  value: string,
): { readonly given: string; readonly carry: (key: string) => string } | null {
  if (name === 'authorization') {
    return { given: /^bearer\s+(\S+)$/i.exec(value)?.[1] ?? '', carry: (key) => `Bearer ${key}` };
  }
  return keyHeaders.includes(name) ? { given: value, carry: (key) => key } : null;
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
