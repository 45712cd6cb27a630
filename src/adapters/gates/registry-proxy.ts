import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy on a Unix socket that leads to the hosts named and to nothing else. */
export interface RegistryProxy {
  /** `host:port` of each request that was refused, in order. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves CONNECT (for https) and absolute-form requests (for http) on the socket. `allowed` holds `host:port`.
 * `upstream` is the proxy this machine must itself use, as `http://host:port`, when it has no way of its own.
 */
export async function serveRegistryProxy(
  socketPath: string,
  allowed: ReadonlySet<string>,
  upstream: URL | null,
): Promise<RegistryProxy> {
  const refused: string[] = [];
  const open = new Set<Duplex>();
  const isAllowed = (target: string): boolean => {
    if (allowed.has(target)) return true;
    refused.push(target);
    return false;
  };
  const server = createServer((incoming, answer) => forward(incoming, answer, isAllowed, upstream));
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const target = incoming.url ?? '';
    if (isAllowed(target)) tunnel(target, socket, head, upstream);
    else socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return { refused, close: () => closeServer(server, open) };
}

function tunnel(target: string, socket: Duplex, head: Buffer, upstream: URL | null): void {
  const colon = target.lastIndexOf(':');
  const outer =
    upstream === null
      ? connect(Number(target.slice(colon + 1)), target.slice(0, colon))
      : connect(portOf(upstream), upstream.hostname);
  outer.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'));
  socket.once('close', () => outer.destroy());
  outer.once('connect', () => {
    // The upstream proxy answers the CONNECT itself; without one the answer is ours.
    if (upstream === null) socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    else outer.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentialsOf(upstream)}\r\n`);
    if (head.length > 0) outer.write(head);
    outer.pipe(socket);
    socket.pipe(outer);
  });
}

function forward(
  incoming: IncomingMessage,
  answer: ServerResponse,
  isAllowed: (target: string) => boolean,
  upstream: URL | null,
): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : null;
  if (url === null || url.protocol !== 'http:' || !isAllowed(`${url.hostname}:${portOf(url)}`)) {
    answer.writeHead(403).end();
    return;
  }
  const via = upstream ?? url;
  const outer = request(
    {
      host: via.hostname,
      port: portOf(via),
      method: incoming.method,
      path: upstream === null ? `${url.pathname}${url.search}` : url.href,
      headers: { ...incoming.headers, host: url.host },
    },
    (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    },
  );
  outer.on('error', () => answer.destroy());
  incoming.pipe(outer);
}

/** Port of a URL, its scheme's own when it names none. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function credentialsOf(proxy: URL): string {
  if (proxy.username === '') return '';
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`;
}

async function closeServer(server: Server, open: ReadonlySet<Duplex>): Promise<void> {
  for (const socket of open) socket.destroy();
  server.close();
  await once(server, 'close');
}
