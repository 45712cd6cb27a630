import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { WireProtocol } from '../../src/core/registry/agent-profile.js';
import { anthropic } from './anthropic.js';
import { chooseTurn } from './choose-turn.js';
import { gemini } from './gemini.js';
import { openaiChat } from './openai-chat.js';
import { openaiResponses } from './openai-responses.js';
import { recordOf } from './read-json.js';
import type { ClaimedUsage, Conversation, ModelFault, Script, StreamEvent, Turn, Wire } from './script.js';

export interface ModelServerOptions {
  readonly scripts: readonly Script[];
  /** What goes wrong with the n-th model request, counted from 0; null for nothing. */
  readonly fault?: (ordinal: number, asked: Conversation) => ModelFault | null;
  readonly usage?: ClaimedUsage;
}

export interface SeenRequest extends Conversation {
  readonly path: string;
  /** The key that came with it, whichever header carried it. */
  readonly key: string;
  readonly turnTaken: Turn | null;
}

export interface ModelServer {
  /** Without a path; wires stand under `/v1` and `/v1beta`. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A model that plays a script, on the loopback alone, in the wires that agents speak. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  const leaving = new AbortController();
  const server = createServer((request, response) => {
    answer(options, requests, leaving.signal, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        leaving.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the model server has no port');
  return address.port;
}

async function answer(
  options: ModelServerOptions,
  requests: SeenRequest[],
  leaving: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '/';
  const body = recordOf(await readJson(request));
  const wire = wireOf(path);
  if (wire === null) return answerAside(path, response);
  const asked = wire.read(body, path);
  const fault = options.fault?.(requests.length, asked) ?? null;
  const turn =
    fault?.kind === 'status' ? null : chooseTurn(options.scripts, asked, options.usage ?? { input: 10, output: 5 });
  requests.push({ ...asked, path, key: keyOf(request), turnTaken: turn });
  if (fault?.kind === 'status') return refuse(response, asked.protocol, fault);
  if (fault?.kind === 'delay') await pause(fault.ms, undefined, { signal: leaving });
  if (turn === null || response.destroyed) return;
  const spoken = wire.speak(turn, asked);
  if (asked.stream) await stream(response, spoken.events, fault, leaving);
  else sendJson(response, 200, spoken.whole);
}

function wireOf(path: string): Wire | null {
  const route = path.split('?')[0] ?? '';
  if (route.endsWith('/chat/completions')) return openaiChat;
  if (route.endsWith('/responses')) return openaiResponses;
  if (route.endsWith('/messages')) return anthropic;
  return /:(stream)?generateContent$/i.test(route) ? gemini : null;
}

/** What agents ask beside their work: which models there are, how long a text is. */
function answerAside(path: string, response: ServerResponse): void {
  const route = path.split('?')[0] ?? '';
  if (route.endsWith('/count_tokens')) return sendJson(response, 200, { input_tokens: 10 });
  if (route.endsWith(':countTokens')) return sendJson(response, 200, { totalTokens: 10 });
  if (route.endsWith('/models')) return sendJson(response, 200, { object: 'list', data: [], models: [] });
  sendJson(response, 404, { error: { message: 'no such route' } });
}

/** An error in the form that the wire gives it. */
function refuse(response: ServerResponse, protocol: WireProtocol, fault: ModelFault & { kind: 'status' }): void {
  const { status, retryAfter, error = nameOf(status), words = `refused with ${status}` } = fault;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  sendJson(response, status, errorOf[protocol](status, error, words));
}

const openaiError = (_status: number, code: string, message: string): object => ({
  error: { message, type: 'invalid_request_error', param: null, code },
});

const errorOf: Readonly<Record<WireProtocol, (status: number, name: string, words: string) => object>> = {
  'openai-chat': openaiError,
  'openai-responses': openaiError,
  anthropic: (_status, type, message) => ({ type: 'error', error: { type, message }, request_id: 'req_1' }),
  gemini(code, name, message) {
    // A key that is no good has a reason of its own below a status that any bad request has.
    const isReason = name === 'API_KEY_INVALID';
    const reason = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: name, domain: 'googleapis.com' };
    return {
      error: {
        code,
        message,
        status: isReason ? 'INVALID_ARGUMENT' : name,
        ...(isReason ? { details: [reason] } : {}),
      },
    };
  },
};

function nameOf(status: number): string {
  return status === 429 ? 'rate_limit_error' : status === 401 ? 'authentication_error' : 'api_error';
}

async function stream(
  response: ServerResponse,
  events: readonly StreamEvent[],
  fault: ModelFault | null,
  leaving: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (fault?.kind === 'slow-first-token') await pause(fault.ms, undefined, { signal: leaving });
  for (const [index, { name, data }] of events.entries()) {
    if (fault?.kind === 'cut' && index >= fault.afterEvents) return void response.destroy();
    if (fault?.kind === 'malformed' && index === 1) response.write('data: {"this is": no JSON\n\n');
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`);
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function keyOf({ headers }: IncomingMessage): string {
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization ?? '';
  return String(key).replace(/^Bearer /i, '');
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return {};
  }
}
