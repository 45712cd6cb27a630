import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Endpoint, WireProtocol } from '../../../core/registry/agent-profile.js';
import { readRetryAfter } from '../../../core/registry/retry.js';
import { readErrorBody } from '../read-error-body.js';
import type { Meter } from '../spend/meter.js';
import { EndpointTrouble } from './endpoint-trouble.js';
import { admitRequest, type Admitted } from './relay-credentials.js';
import type { OpenRequest } from './upstream.js';

/** A model call whose answer is about to come. */
export interface ObservedCall {
  readonly protocol: WireProtocol;
  /** Path of the request, without the query. */
  readonly path: string;
  readonly requestBytes: number;
  readonly contentType: string;
}

/** Sees the answer of a model call pass by; `end` comes once, also when the answer breaks off. */
export interface CallObserver {
  chunk(bytes: Uint8Array): void;
  end(): void;
}

export type ObserveCall = (call: ObservedCall) => CallObserver;

export interface RelayPlan {
  readonly endpoint: Endpoint;
  /** The real key; null where the endpoint asks for none. */
  readonly key: string | null;
  readonly token: string;
  readonly meter: Meter;
  readonly observe: ObserveCall;
  readonly open: OpenRequest;
  /** Called when a request was refused because a bound of the run is reached. */
  readonly onRefusedByBound: () => void;
}

export interface ModelRelay {
  readonly trouble: EndpointTrouble;
  /** Port on 127.0.0.1; 0 when it listens on a socket in the file system. */
  readonly port: number;
  close(): Promise<void>;
}

/** sun_path of the shortest system, macOS, with its NUL. */
const longestSocketBytes = 103;
const mostErrorBytes = 256 * 1024;

/**
 * Serves the one endpoint of a room: on a Unix socket, or on 127.0.0.1 where `socketPath` is null. A request must bring
 * the room's token and go to a path below the endpoint's base; the real key takes the token's place. Scheme, host and
 * port are the endpoint's, whatever the request says. Rejects with the system's error when it cannot listen.
 */
export async function serveModelRelay(plan: RelayPlan, socketPath: string | null): Promise<ModelRelay> {
  const trouble = new EndpointTrouble();
  const open = new Set<Socket>();
  const server = createServer((incoming, answer) => {
    forward(plan, trouble, incoming, answer).catch(() => answer.destroy());
  });
  // A model may think for minutes; the run itself has its time.
  server.requestTimeout = 0;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('connect', (_request, socket) => {
    trouble.notSent();
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  });
  // Node would cut the name short and listen elsewhere.
  if (Buffer.byteLength(socketPath ?? '') > longestSocketBytes) {
    throw new Error(`the path of the relay's socket is longer than ${longestSocketBytes} bytes: ${socketPath}`);
  }
  if (socketPath === null) server.listen(0, '127.0.0.1');
  else server.listen(socketPath);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { trouble, port, close: () => closeServer(server, open) };
}

async function forward(
  plan: RelayPlan,
  trouble: EndpointTrouble,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const url = placeOf(incoming.url ?? '', new URL(plan.endpoint.base_url));
  if (url === null) {
    trouble.notSent();
    return refuse(answer, 403, 'not_the_endpoint', 'only the endpoint of this task can be reached');
  }
  const admitted = admitRequest(url, incoming.headers, plan);
  if (admitted === null) {
    trouble.notSent();
    return refuse(answer, 401, 'invalid_api_key', 'the key is not the one that this run was given');
  }
  const bound = plan.meter.reached();
  if (bound !== null) {
    refuse(answer, 402, 'bound_reached', `the task has reached its bound of ${bound}; this run ends`);
    return plan.onRefusedByBound();
  }
  await pass(plan, trouble, { incoming, answer, url, admitted });
}

/** The place a request asks for, null when it is not below the endpoint's base or names a host of its own. */
function placeOf(target: string, base: URL): URL | null {
  if (!target.startsWith('/') || target.startsWith('//') || target.includes('\\')) return null;
  const local = `http://endpoint.invalid`;
  if (!URL.canParse(target, local)) return null;
  // Resolves `..` and `%2e%2e`, so that what is compared is what is sent.
  const url = new URL(target, local);
  const root = base.pathname.replace(/\/+$/, '');
  const isBelow = url.pathname === root || url.pathname.startsWith(`${root}/`);
  return isBelow && url.origin === local ? url : null;
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly url: URL;
  readonly admitted: Admitted;
}

async function pass(plan: RelayPlan, trouble: EndpointTrouble, passage: Passage): Promise<void> {
  const { incoming, answer, url, admitted } = passage;
  const askedMs = performance.now();
  let requestBytes = 0;
  let response: IncomingMessage;
  try {
    const { target: path, headers } = admitted;
    const outer = await plan.open({ method: incoming.method ?? 'GET', path, headers: { ...headers } });
    // An agent that goes away needs no answer any more.
    answer.once('close', () => outer.destroy());
    incoming.on('data', (chunk: Buffer) => void (requestBytes += chunk.length));
    incoming.pipe(outer);
    response = await answerOf(outer);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (answer.destroyed) return countUnanswered(plan, passage, requestBytes);
    trouble.unreachable(error);
    return refuse(answer, 502, 'endpoint_unreachable', 'the endpoint could not be reached');
  }
  const status = response.statusCode ?? 502;
  if (status < 200 || status > 299) {
    return tellError(plan, trouble, response, answer);
  }
  const call = { protocol: plan.endpoint.protocol, path: url.pathname, requestBytes, askedMs };
  const contentType = response.headers['content-type'] ?? '';
  const observer = incoming.method === 'POST' ? plan.observe({ ...call, contentType }) : null;
  answer.writeHead(status, passedHeaders(response, plan.key));
  const isWhole = await stream(response, answer, observer).finally(() => observer?.end());
  if (isWhole) trouble.answered();
  else if (!answer.destroyed) trouble.cut();
  if (isWhole) answer.end();
  else answer.destroy();
}

/** An agent that asks and goes away before the answer begins owes for what it asked all the same. */
function countUnanswered({ observe, endpoint }: RelayPlan, { incoming, url }: Passage, requestBytes: number): void {
  if (incoming.method !== 'POST' || !incoming.complete) return;
  observe({ protocol: endpoint.protocol, path: url.pathname, requestBytes, contentType: '' }).end();
}

function answerOf(outer: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outer.once('response', resolve);
    outer.on('error', reject);
    outer.once('close', () => reject(new Error('the connection was closed')));
  });
}

/** Passes the answer on as fast as it is taken; false when it breaks off. */
async function stream(
  response: IncomingMessage,
  answer: ServerResponse,
  observer: CallObserver | null,
): Promise<boolean> {
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      observer?.chunk(chunk);
      if (answer.destroyed) return false;
      if (!answer.write(chunk)) await room(answer);
    }
    return response.complete;
  } catch {
    return false;
  }
}

/** Waits until the answer takes more, or is gone. */
function room(answer: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      answer.off('drain', wake).off('close', wake);
      resolve();
    };
    answer.once('drain', wake).once('close', wake);
  });
}

/** Remembers what an error says of itself, and passes it on. It may quote the request: the key is taken out of it. */
async function tellError(
  plan: RelayPlan,
  trouble: EndpointTrouble,
  response: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= mostErrorBytes) chunks.push(chunk);
    }
  } catch {
    // What came of it is told.
  }
  const raw = Buffer.concat(chunks).toString('utf8');
  const said = plan.key === null ? raw : raw.replaceAll(plan.key, '[key]');
  const status = response.statusCode ?? 502;
  const { code, words, retryAfterMs } = readErrorBody(said);
  trouble.refused({ status, code, words }, readRetryAfter(response.headers, Date.now()) ?? retryAfterMs);
  const body = Buffer.from(said);
  const { 'content-length': _length, ...headers } = passedHeaders(response, plan.key);
  answer.writeHead(status, { ...headers, 'content-length': body.length });
  answer.end(body);
}

function passedHeaders(response: IncomingMessage, key: string | null): Record<string, string | string[]> {
  const dropped = ['connection', 'keep-alive', 'transfer-encoding', 'set-cookie', 'alt-svc', 'upgrade', 'location'];
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value === undefined || dropped.includes(name)) continue;
    if (key === null || !String(value).includes(key)) passed[name] = value;
  }
  return passed;
}

function refuse(answer: ServerResponse, status: number, type: string, message: string): void {
  // The shape that all four protocols' clients read a message from.
  const body = JSON.stringify({ type: 'error', error: { type, code: type, message } });
  answer.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  answer.end(body);
}

async function closeServer(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  for (const socket of open) socket.destroy();
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
