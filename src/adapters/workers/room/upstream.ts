import { request as plainRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { portOf } from '../../gates/registry-proxy.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy by which this machine reaches an https endpoint, by HTTPS_PROXY and NO_PROXY; null: it goes there itself. */
export function proxyFor(endpoint: URL, environment: Environment): URL | null {
  const named = environment['HTTPS_PROXY'] ?? environment['https_proxy'] ?? '';
  if (endpoint.protocol !== 'https:' || named === '' || !URL.canParse(named)) return null;
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  const isLoopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
  const direct = (environment['NO_PROXY'] ?? environment['no_proxy'] ?? '')
    .split(',')
    .map((name) => name.trim().replace(/^\*?\./, ''))
    .some((name) => name !== '' && (name === '*' || host === name || host.endsWith(`.${name}`)));
  return isLoopback || direct ? null : new URL(named);
}

/** Opens a request to the endpoint's own host and port, whatever the path says. */
export type OpenRequest = (options: Pick<RequestOptions, 'method' | 'path' | 'headers'>) => Promise<ClientRequest>;

/** How requests get to the endpoint: by themselves, or through a tunnel of the proxy. */
export function openerFor(endpoint: URL, proxy: URL | null): OpenRequest {
  const isTls = endpoint.protocol === 'https:';
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  // A connection that is kept may be closed by the other side just when it is used again, and a call costs money.
  const place = { host, port: portOf(endpoint), setHost: false, agent: false as const };
  return async ({ headers, ...options }) => {
    const all = { ...place, ...options, headers: { ...headers, host: endpoint.host } };
    if (proxy === null) return isTls ? tlsRequest(all) : plainRequest(all);
    const socket = await tunnel(endpoint, proxy);
    const secured = tlsConnect({ socket, servername: host });
    return tlsRequest({ ...all, createConnection: () => secured });
  };
}

function tunnel(endpoint: URL, proxy: URL): Promise<Socket> {
  const target = `${endpoint.hostname}:${portOf(endpoint)}`;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const credentials =
    proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
  return new Promise((resolve, reject) => {
    const asking = (proxy.protocol === 'https:' ? tlsRequest : plainRequest)({
      host: proxy.hostname,
      port: portOf(proxy),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...credentials },
      agent: false,
    });
    asking.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy answered ${answer.statusCode ?? 0}`));
    });
    asking.once('response', (answer) => reject(new Error(`the proxy answered ${answer.statusCode ?? 0}`)));
    asking.once('error', reject);
    asking.end();
  });
}
