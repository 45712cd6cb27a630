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
  let isAdmitted = false;
  const admitted: Record<string, string | string[]> = { 'accept-encoding': 'identity' };
  const replace = (name: string, shape: (key: string) => string): void => {
    isAdmitted = true;
    if (key !== null) admitted[name] = shape(key);
  };
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || droppedHeaders.has(name)) continue;
    if (name === 'authorization') {
      if (isSame(/^bearer\s+(\S+)$/i.exec(String(value))?.[1] ?? '', token)) replace(name, (real) => `Bearer ${real}`);
    } else if (keyHeaders.includes(name)) {
      if (isSame(String(value), token)) replace(name, (real) => real);
    } else admitted[name] = value;
  }
  const query = new URLSearchParams(url.search);
  const isInQuery = query.getAll('key').some((value) => isSame(value, token));
  query.delete('key');
  if (isInQuery) {
    isAdmitted = true;
    if (key !== null) query.set('key', key);
  }
  const search = url.search === '' ? '' : `?${query.toString()}`.replace(/^\?$/, '');
  return isAdmitted ? { headers: admitted, target: `${url.pathname}${search}` } : null;
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
