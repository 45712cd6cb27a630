import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireProtocol } from '../../src/core/registry/agent-profile.js';

/** What the endpoint does when it is asked once. */
export type Step =
  | { readonly say: string; readonly finish?: string }
  | { readonly call: string; readonly input: unknown }
  | { readonly calls: readonly { readonly call: string; readonly input: unknown }[] }
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly raw: string }
  | 'hang'
  | 'reset';

export interface SeenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

/** A model endpoint on loopback that plays a script; every turn is reported as 100 tokens in and 10 out. */
export interface ScriptedEndpoint {
  readonly url: string;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

/** Starts one; a script that is played to its end repeats its last step. */
export async function startEndpoint(protocol: WireProtocol, script: readonly Step[]): Promise<ScriptedEndpoint> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
      const step = script[Math.min(seen.length, script.length - 1)] ?? 'reset';
      seen.push({ path: request.url ?? '', headers: request.headers, body });
      if (step === 'hang') return;
      if (step === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      if ('status' in step) {
        response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers });
        response.end(step.body ?? '{"error":{"message":"scripted"}}');
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('raw' in step ? step.raw : JSON.stringify(answers[protocol](step, seen.length)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Spoken = Extract<Step, { say: string } | { call: string } | { calls: unknown }>;

const callsOf = (step: Spoken): readonly { call: string; input: unknown }[] =>
  'calls' in step ? step.calls : 'call' in step ? [step] : [];
const textOf = (step: Spoken): string => ('say' in step ? step.say : '');
const finishOf = (step: Spoken, stop: string, tools: string): string => ('say' in step ? (step.finish ?? stop) : tools);

const answers: Readonly<Record<WireProtocol, (step: Spoken, turn: number) => unknown>> = {
  'openai-chat': (step, turn) => ({
    id: `c${turn}`,
    created: 1,
    model: 'model-as-served',
    choices: [
      {
        index: 0,
        finish_reason: finishOf(step, 'stop', 'tool_calls'),
        message: {
          role: 'assistant',
          content: textOf(step) || null,
          tool_calls: callsOf(step).map(({ call, input }, index) => ({
            id: `t${turn}_${index}`,
            type: 'function',
            function: { name: call, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
          })),
        },
      },
    ],
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  }),
  'openai-responses': (step, turn) => ({
    id: `resp_${turn}`,
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'model-as-served',
    output: [
      ...callsOf(step).map(({ call, input }, index) => ({
        type: 'function_call',
        id: `fc_${turn}_${index}`,
        call_id: `t${turn}_${index}`,
        name: call,
        arguments: JSON.stringify(input),
        status: 'completed',
      })),
      ...(textOf(step) === ''
        ? []
        : [
            {
              type: 'message',
              id: `msg_${turn}`,
              role: 'assistant',
              status: 'completed',
              content: [{ type: 'output_text', text: textOf(step), annotations: [] }],
            },
          ]),
    ],
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 110,
    },
  }),
  anthropic: (step, turn) => ({
    id: `msg_${turn}`,
    type: 'message',
    role: 'assistant',
    model: 'model-as-served',
    content: [
      ...(textOf(step) === '' ? [] : [{ type: 'text', text: textOf(step) }]),
      ...callsOf(step).map(({ call, input }, index) => ({
        type: 'tool_use',
        id: `t${turn}_${index}`,
        name: call,
        input,
      })),
    ],
    stop_reason: finishOf(step, 'end_turn', 'tool_use'),
    stop_sequence: null,
    usage: { input_tokens: 60, cache_read_input_tokens: 40, cache_creation_input_tokens: 0, output_tokens: 10 },
  }),
  gemini: (step) => ({
    candidates: [
      {
        index: 0,
        content: {
          role: 'model',
          parts: [
            ...(textOf(step) === '' ? [] : [{ text: textOf(step) }]),
            ...callsOf(step).map(({ call, input }) => ({ functionCall: { name: call, args: input } })),
          ],
        },
        finishReason: finishOf(step, 'STOP', 'STOP'),
      },
    ],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 },
  }),
};
