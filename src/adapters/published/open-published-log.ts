import { join, resolve } from 'node:path';
import { Fault, isFault } from '../../core/fault.js';
import type { Files } from '../../ports/files.js';
import type { OpenPublishedLog, PublishedFaultCode, PublishedLog } from '../../ports/published-log.js';

const patienceMs = 10_000;
/** No names but `localhost`: what a resolver answers is not ours to trust. */
const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Exported logs in folders, and behind web servers of this machine. */
export function createOpenPublishedLog(files: Files): OpenPublishedLog {
  return (source) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? overHttp(source) : inFolder(files, resolve(source)));
}

function inFolder(files: Files, root: string): PublishedLog {
  return {
    async read(path, maxBytes) {
      try {
        return await files.readFile(join(root, path), { maxBytes });
      } catch (error) {
        if (isFault(error, 'FILE_MISSING')) return null;
        throw unreadable(join(root, path), error);
      }
    },
  };
}

function overHttp(source: string): PublishedLog {
  const root = rootOf(source);
  return {
    async read(path, maxBytes) {
      const address = new URL(path, root);
      try {
        // A redirect could lead anywhere.
        const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
        if (answer.status === 404 || answer.status === 410) {
          await answer.body?.cancel();
          return null;
        }
        if (answer.status !== 200) throw new Error(`it answers ${answer.status}`);
        return await readBody(answer, maxBytes);
      } catch (error) {
        throw unreadable(address.href, error);
      }
    },
  };
}

function rootOf(source: string): URL {
  const refuse = (what: string): Fault<PublishedFaultCode> =>
    new Fault('PUBLISHED_LOG_REFUSED', `${source} ${what}`, {
      mend: 'name a folder, or an address such as http://127.0.0.1:8080/; fetch a log from elsewhere into a folder first',
    });
  if (!URL.canParse(source)) throw refuse('is no address');
  const url = new URL(source);
  if (url.protocol !== 'http:' || !loopback.has(url.hostname)) throw refuse('is not an http address of this machine');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw refuse('has more in it than host, port and path');
  }
  url.pathname = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return url;
}

/** At most so many bytes, whatever the length that was announced. */
async function readBody(answer: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (answer.body === null) return new Uint8Array();
  const body: AsyncIterable<Uint8Array> = answer.body;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`it sends more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function unreadable(what: string, cause: unknown): Fault<PublishedFaultCode> {
  const said =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
  return new Fault('PUBLISHED_LOG_UNREADABLE', `${what} cannot be read: ${said}`, {
    mend: 'see that the log lies there and that its server runs, and try again',
    cause,
  });
}
