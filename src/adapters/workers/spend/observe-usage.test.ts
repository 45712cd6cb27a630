import { brotliCompressSync, gzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { WireProtocol } from '../../../core/registry/agent-profile.js';
import { createMeter } from './create-meter.js';
import type { Meter, Usage } from './meter.js';
import { type RelayedCall, observeUsage } from './observe-usage.js';
import { kindOfCall, wireOfPath } from './reported-usage.js';

const events = (list: readonly unknown[], named = false): string =>
  list
    .map((event) => {
      const type = named ? `event: ${(event as { type: string }).type}\n` : '';
      return `${type}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
    })
    .join('');

const chatChunk = (delta: object, finish: string | null = null): object => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const anthropicStart = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    content: [],
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 20 },
      output_tokens: 1,
    },
  },
};

interface Recorded {
  readonly name: string;
  readonly protocol: WireProtocol;
  readonly path: string;
  readonly body: string;
  readonly usage: Usage;
}

const usage = (inputTokens: number, outputTokens: number, cacheReadTokens = 0, cacheWriteTokens = 0): Usage => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
});

const recorded: readonly Recorded[] = [
  {
    name: 'chat, JSON, with a tool call that talks of usage',
    protocol: 'openai-chat',
    path: '/v1/chat/completions',
    body: JSON.stringify({
      id: 'x',
      choices: [
        {
          message: {
            content: 'say "usage": {"prompt_tokens": 9999999}',
            tool_calls: [{ function: { name: 'f', arguments: '{"usage":{"prompt_tokens":7}}' } }],
          },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 120,
        completion_tokens: 30,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 100 },
      },
    }),
    usage: usage(120, 30, 100),
  },
  {
    name: 'chat, events, usage in the last chunk, reasoning outside the completion',
    protocol: 'openai-chat',
    path: '/v1/chat/completions?x=1',
    body: events([
      chatChunk({ role: 'assistant', content: 'Grüße – "quoted" \\ and {braces}' }),
      chatChunk({}, 'stop'),
      { id: 'c1', choices: [], usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 36 } },
      '[DONE]',
    ]),
    usage: usage(11, 25),
  },
  {
    name: 'responses, JSON',
    protocol: 'openai-responses',
    path: '/v1/responses',
    body: JSON.stringify({
      id: 'resp_1',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Done.' }] }],
      usage: { input_tokens: 12, input_tokens_details: { cached_tokens: 4 }, output_tokens: 6, total_tokens: 18 },
    }),
    usage: usage(12, 6, 4),
  },
  {
    name: 'responses, events',
    protocol: 'openai-responses',
    path: '/v1/responses',
    body: events(
      [
        { type: 'response.created', response: { id: 'resp_1', usage: null } },
        { type: 'response.output_text.delta', delta: 'Done.' },
        {
          type: 'response.completed',
          response: { output: [], usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 } },
        },
      ],
      true,
    ),
    usage: usage(10, 5),
  },
  {
    name: 'anthropic, events, with cache',
    protocol: 'anthropic',
    path: '/v1/messages?beta=true',
    body: events(
      [
        anthropicStart,
        { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } },
        {
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'input_json_delta', partial_json: '{"usage":{"output_tokens":1e9}}' },
        },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 42 } },
        { type: 'message_stop' },
      ],
      true,
    ),
    usage: usage(330, 42, 300, 20),
  },
  {
    name: 'anthropic, JSON',
    protocol: 'anthropic',
    path: '/v1/messages',
    body: JSON.stringify({
      content: [{ type: 'tool_use', input: { usage: { input_tokens: 5e6 } } }],
      usage: { input_tokens: 10, output_tokens: 5 },
    }),
    usage: usage(10, 5),
  },
  {
    name: 'gemini, events',
    protocol: 'gemini',
    path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    body: events([
      {
        candidates: [{ content: { parts: [{ text: 'a' }] } }],
        usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 },
      },
      {
        candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 10,
          cachedContentTokenCount: 4,
          candidatesTokenCount: 5,
          thoughtsTokenCount: 7,
          totalTokenCount: 22,
        },
      },
    ]),
    usage: usage(10, 12, 4),
  },
  {
    name: 'gemini, an array as JSON',
    protocol: 'gemini',
    path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent',
    body: JSON.stringify(
      [
        {
          candidates: [
            { content: { parts: [{ functionCall: { args: { usageMetadata: { promptTokenCount: 777 } } } }] } },
          ],
        },
        {
          candidates: [{ finishReason: 'STOP' }],
          usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
        },
      ],
      null,
      2,
    ),
    usage: usage(10, 5),
  },
];

function watch(
  call: Partial<RelayedCall> & { path: string },
  chunks: readonly Uint8Array[],
): { usages: Usage[]; meter: Meter } {
  const usages: Usage[] = [];
  const meter: Meter = {
    calls: () => [],
    add: (added) => void usages.push(added),
    spend: () => ({ micro_usd: 0, input_tokens: 0, output_tokens: 0, turns: 0, wall_ms: 0 }),
    reached: () => null,
    onReached: () => undefined,
  };
  const observer = observeUsage(meter)({ protocol: 'openai-chat', requestBytes: 400, contentType: '', ...call });
  for (const chunk of chunks) observer.chunk(chunk);
  observer.end();
  observer.end();
  observer.chunk(Buffer.from('late'));
  return { usages, meter };
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

const cuts = fc.array(fc.nat(5000), { maxLength: 40 });

describe('observeUsage', () => {
  it.each(recorded)('reads $name', ({ protocol, path, body, usage: told }) => {
    expect(watch({ protocol, path }, [Buffer.from(body)]).usages).toEqual([told]);
  });

  it.each(recorded)('reads $name byte by byte', ({ protocol, path, body, usage: told }) => {
    const bytes = [...Buffer.from(body)].map((at) => Uint8Array.of(at));
    expect(watch({ protocol, path }, bytes).usages).toEqual([told]);
  });

  test.prop([fc.constantFrom(...recorded), cuts])('any split gives the same usage', (one, at) => {
    expect(watch(one, split(Buffer.from(one.body), at)).usages).toEqual([one.usage]);
  });

  test.prop([fc.constantFrom(...recorded), fc.nat(3000), cuts])(
    'a stream that is cut off anywhere counts once, never as zero, and the same for any split',
    (one, length, at) => {
      const bytes = Buffer.from(one.body).subarray(0, length);
      const whole = watch(one, [bytes]).usages;
      expect(whole).toHaveLength(1);
      expect(whole[0]?.inputTokens).toBeGreaterThan(0);
      expect((whole[0]?.inputTokens ?? 0) + (whole[0]?.outputTokens ?? 0)).toBeGreaterThan(0);
      expect(watch(one, split(bytes, at)).usages).toEqual(whole);
    },
  );

  test.prop([fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(...recorded), cuts])(
    'any bytes are survived, and counted the same for any split',
    (bytes, { protocol, path }, at) => {
      const whole = watch({ protocol, path }, [bytes]).usages;
      expect(whole).toHaveLength(1);
      expect(whole[0]?.inputTokens).toBeGreaterThan(0);
      expect(watch({ protocol, path }, split(bytes, at)).usages).toEqual(whole);
    },
  );

  it('estimates what a server never says from the bytes of prompt and answer', () => {
    const body = events([chatChunk({ content: 'x'.repeat(80) }), chatChunk({}, 'stop'), '[DONE]']);
    expect(watch({ path: '/v1/chat/completions', requestBytes: 401 }, [Buffer.from(body)]).usages).toEqual([
      usage(101, 20),
    ]);
  });

  it('raises the first figure of an Anthropic stream that was cut off to what was written until then', () => {
    const delta = {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'y'.repeat(4000) },
    };
    const body = events([anthropicStart, delta], true);
    expect(watch({ path: '/v1/messages' }, [Buffer.from(body)]).usages).toEqual([usage(330, 1000, 300, 20)]);
  });

  it('passes over a malformed chunk and reads the next', () => {
    const good = { choices: [], usage: { prompt_tokens: 11, completion_tokens: 5 } };
    const body = `data: {"choices":[{"delta":{"content":"cut\n\ndata: {"x": [[[\ndata: ${JSON.stringify(good)}\n\n`;
    expect(watch({ path: '/chat/completions' }, [Buffer.from(body)]).usages[0]).toMatchObject({ inputTokens: 11 });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('reads %s that came although identity was asked for, whole and cut off', (encoding, compress) => {
    const [one] = recorded;
    if (one === undefined) throw new Error('no recording');
    const bytes = compress(Buffer.from(one.body));
    const chunks = [bytes.subarray(0, 7), bytes.subarray(7)];
    expect(watch({ ...one, contentEncoding: encoding }, chunks).usages).toEqual([one.usage]);
    const cut = watch({ ...one, contentEncoding: encoding }, [bytes.subarray(0, 30)]).usages;
    expect(cut).toHaveLength(1);
    expect(cut[0]?.outputTokens).toBeGreaterThan(0);
  });

  it('counts what cannot be read by its bytes: an unknown compression, and a bomb', () => {
    const unknown = watch({ path: '/v1/responses', contentEncoding: 'zstd' }, [Buffer.alloc(500, 0x28)]).usages;
    expect(unknown[0]?.outputTokens).toBeGreaterThanOrEqual(500);
    const bomb = watch({ path: '/v1/responses', contentEncoding: 'gzip' }, [gzipSync(Buffer.alloc(64 << 20))]).usages;
    expect(bomb[0]?.outputTokens).toBeGreaterThan(1000);
  });

  it('never takes a reported zero for an answer that has bytes', () => {
    const body = JSON.stringify({
      choices: [{ message: { content: 'z'.repeat(400) }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    });
    expect(watch({ path: '/v1/chat/completions' }, [Buffer.from(body)]).usages).toEqual([usage(100, 100)]);
  });

  it.each(['/v1/messages/count_tokens', '/v1/models', '/v1/embeddings', '/v1beta/models/g:countTokens', '/'])(
    '%s is no turn',
    (path) => {
      expect(wireOfPath(path)).toBeNull();
      expect(watch({ path }, [Buffer.from('{"usage":{"prompt_tokens":5}}')]).usages).toEqual([]);
    },
  );

  it('a refusal is no turn', () => {
    expect(watch({ path: '/v1/messages', status: 429 }, [Buffer.from('{"error":{}}')]).usages).toEqual([]);
  });

  it('says which calls a relay need not let out', () => {
    expect(kindOfCall('/v1/messages?beta=true')).toBe('turn');
    expect(kindOfCall('/v1/models/gpt-5')).toBe('lookup');
    expect(kindOfCall('/v1/files')).toBe('other');
    expect(kindOfCall('/v1/models/g:predict')).toBe('other');
  });

  it('stops a run inside it: the call that reaches the bound tells', () => {
    const meter = createMeter({
      price: { input: 1_000_000, output: 1_000_000 },
      bounds: { micro_usd: 15, tokens: null, turns: null, wall_ms: 60_000 },
    });
    const told: string[] = [];
    meter.onReached((bound) => told.push(bound));
    const observe = observeUsage(meter);
    const observer = observe({ protocol: 'openai-responses', path: '/responses', requestBytes: 1, contentType: '' });
    observer.chunk(Buffer.from(recorded[2]?.body ?? ''));
    expect(told).toEqual([]);
    observer.end();
    expect(told).toEqual(['money']);
    meter.close();
  });
});
