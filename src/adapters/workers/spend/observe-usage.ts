import type { WireProtocol } from '../../../core/registry/agent-profile.js';
import { createJsonScanner } from './json-scanner.js';
import type { Meter, Usage } from './meter.js';
import { nameOfFigure, readReported, wireOfPath } from './reported-usage.js';
import { type ResponseBody, createResponseBody } from './response-body.js';

/** A model call that a relay lets through. */
export interface RelayedCall {
  /** What the agent's profile says that the endpoint speaks; the path says what this call speaks. */
  readonly protocol: WireProtocol;
  readonly path: string;
  /** Bytes of the request's body. */
  readonly requestBytes: number;
  readonly contentType: string;
  /** The response's `content-encoding`; left out for none. */
  readonly contentEncoding?: string;
  /** When it was asked, by `performance.now()`; left out: nobody looked. */
  readonly askedMs?: number;
  /** The response's status; a refusal (400 and above) is no turn. Left out: a call that went well. */
  readonly status?: number;
}

/** Sees the response's body on its way. */
export interface CallObserver {
  chunk(bytes: Uint8Array): void;
  /** However the response ended, also when it was cut off. Counts once. */
  end(): void;
}

const bytesPerToken = 4;
const uncounted: CallObserver = { chunk: () => undefined, end: () => undefined };

/**
 * Counts relayed model calls into a meter, each once, at its end. Memory is bounded whatever the response's size. What the
 * response does not report (a stream that was cut off, a server that never says, bytes that cannot be read) is estimated
 * at 4 bytes a token, and is never zero.
 */
export function observeUsage(meter: Meter): (call: RelayedCall) => CallObserver {
  return (call) => {
    const wire = wireOfPath(call.path);
    return wire === null || (call.status ?? 200) >= 400 ? uncounted : observeTurn(meter, wire, call);
  };
}

function observeTurn(meter: Meter, wire: WireProtocol, call: RelayedCall): CallObserver {
  const figures = new Map<string, number>();
  let contentBytes = 0;
  let finished = false;
  let ended = false;
  let firstMs: number | null = null;
  const scanner = createJsonScanner({
    number(path, value) {
      const name = nameOfFigure(path);
      // streams report running totals: the greatest is the last
      if (name !== null && value >= 0 && (figures.size < 64 || figures.has(name)))
        figures.set(name, Math.max(value, figures.get(name) ?? 0));
      if (wire === 'anthropic' && path === 'usage.output_tokens') finished = true;
    },
    text(path, byteLength) {
      if (isContent(path)) contentBytes += byteLength;
      if (endMarks.has(path)) finished = true;
    },
  });
  const body = createResponseBody(scanner, call.contentEncoding ?? '');
  return {
    chunk(bytes) {
      if (call.askedMs !== undefined) firstMs ??= performance.now() - call.askedMs;
      if (!ended) body.chunk(bytes);
    },
    end() {
      if (ended) return;
      ended = true;
      body.end();
      const isWhole = finished || wire === 'openai-responses';
      meter.add(settle(wire, figures, { call, body, contentBytes, isWhole }), firstMs);
    },
  };
}

function settle(
  wire: WireProtocol,
  figures: ReadonlyMap<string, number>,
  seen: { call: RelayedCall; body: ResponseBody; contentBytes: number; isWhole: boolean },
): Usage {
  const reported = readReported(wire, (name) => figures.get(name) ?? null);
  const estimate = Math.ceil(answerBytes(seen) / bytesPerToken);
  const told = reported.outputTokens ?? 0;
  return {
    inputTokens: reported.inputTokens || Math.max(1, Math.ceil(seen.call.requestBytes / bytesPerToken)),
    outputTokens: told > 0 && seen.isWhole ? told : Math.max(told, estimate),
    cacheReadTokens: reported.cacheReadTokens,
    cacheWriteTokens: reported.cacheWriteTokens,
  };
}

/** Bytes of what the model wrote; where that is not to be seen, of the whole response. */
function answerBytes(seen: { body: ResponseBody; contentBytes: number }): number {
  if (seen.contentBytes > 0 && !seen.body.isOpaque()) return seen.contentBytes;
  // compressed text is about a quarter of itself
  return seen.body.received() * (seen.body.isOpaque() ? bytesPerToken : 1);
}

/** Whether a string of a response was written by the model: text, reasoning, or what it calls a tool with. */
function isContent(path: string): boolean {
  const keys = path.split('.');
  const last = keys.at(-1) ?? '';
  return contentKeys.has(last) || keys.some((key) => key === 'args' || key === 'input');
}

const endMarks: ReadonlySet<string> = new Set([
  'choices.finish_reason',
  'candidates.finishReason',
  'response.candidates.finishReason',
]);

const contentKeys: ReadonlySet<string> = new Set([
  'arguments',
  'content',
  'delta',
  'partial_json',
  'reasoning',
  'reasoning_content',
  'refusal',
  'text',
  'thinking',
]);
