import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

// A real llama model of about two megabytes, made from a text: attention and feed-forward are zero, the embedding is one-hot,
// and the output layer holds log P(next byte | byte). llama.cpp runs it like any other. GGUF version 3:
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
//
//   tsx scripts/make-gguf.ts <out.gguf> <text>

const specials = ['<|bos|>', '<|eos|>', '<|im_end|>'];
const alignment = 32;
const context = 8192;
const valueType = { uint32: 4, int32: 5, float32: 6, bool: 7, text: 8, array: 9 } as const;

interface Tensor {
  readonly name: string;
  /** The fastest-moving dimension first, as GGML counts. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The bytes of a GGUF that has learned which byte follows which in a text. The same text gives the same bytes. */
export function makeGguf(corpus: string, name = 'arbiter-bigram'): Buffer {
  const tokens = vocabulary();
  const width = Math.ceil(tokens.length / 32) * 32;
  const tensors = tensorsOf(learn(Buffer.from(corpus), tokens.length), tokens.length, width);
  const header = new GgufHeader();
  writeMetadata(header, { name, tokens, width });
  let offset = 0;
  for (const tensor of tensors) {
    header.tensor(tensor, offset);
    offset += padded(tensor.data.byteLength);
  }
  const head = Buffer.concat([header.start(tensors.length), header.bytes()]);
  const parts = [head, ...tensors.map(({ data }) => Buffer.from(data.buffer))];
  return Buffer.concat(parts.flatMap((part) => [part, Buffer.alloc(padded(part.length) - part.length)]));
}

/** GPT-2's printable alphabet of the 256 bytes, one merged pair (llama.cpp asks for at least one merge), and specials. */
function vocabulary(): readonly string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
  return [...bytes, 'th', ...specials];
}

/** `learn(bytes)[byte][next]` is the log of how likely the next token is; what was never seen is unlikely, not impossible. */
function learn(bytes: Buffer, size: number): readonly (readonly number[])[] {
  const counts = Array.from({ length: size }, () => new Float64Array(size).fill(0.01));
  for (let at = 0; at + 1 < bytes.length; at += 1) {
    const row = counts[bytes[at] ?? 0];
    const next = bytes[at + 1] ?? 0;
    if (row !== undefined) row[next] = (row[next] ?? 0) + 1;
  }
  return counts.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return [...row].map((count) => Math.log(count / total));
  });
}

function tensorsOf(logs: readonly (readonly number[])[], size: number, width: number): readonly Tensor[] {
  const tensor = (name: string, shape: readonly number[], at: (index: number) => number): Tensor => ({
    name: `${name}.weight`,
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => at(index)),
  });
  const zero = (name: string, shape: readonly number[]): Tensor => tensor(name, shape, () => 0);
  const one = (name: string): Tensor => tensor(name, [width], () => 1);
  // the norm before the output multiplies a one-hot vector by the root of its width
  const scale = Math.sqrt(width);
  return [
    tensor('token_embd', [width, size], (index) => (index % width === Math.floor(index / width) ? 1 : 0)),
    one('blk.0.attn_norm'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => zero(`blk.0.${name}`, [width, width])),
    one('blk.0.ffn_norm'),
    zero('blk.0.ffn_gate', [width, 32]),
    zero('blk.0.ffn_up', [width, 32]),
    zero('blk.0.ffn_down', [32, width]),
    one('output_norm'),
    tensor('output', [width, size], (index) => (logs[index % width]?.[Math.floor(index / width)] ?? 0) / scale),
  ];
}

function writeMetadata(to: GgufHeader, model: { name: string; tokens: readonly string[]; width: number }): void {
  const { name, tokens, width } = model;
  const heads = width / 32;
  const bos = tokens.indexOf('<|bos|>');
  to.text('general.architecture', 'llama');
  to.text('general.name', name);
  to.number('general.file_type', 0);
  to.number('general.alignment', alignment);
  to.number('llama.context_length', context);
  to.number('llama.embedding_length', width);
  to.number('llama.block_count', 1);
  to.number('llama.feed_forward_length', 32);
  to.number('llama.attention.head_count', heads);
  to.number('llama.attention.head_count_kv', heads);
  to.float('llama.attention.layer_norm_rms_epsilon', 1e-6);
  to.number('llama.rope.dimension_count', 32);
  to.float('llama.rope.freq_base', 10_000);
  to.number('llama.vocab_size', tokens.length);
  to.text('tokenizer.ggml.model', 'gpt2');
  to.text('tokenizer.ggml.pre', 'gpt-2');
  to.texts('tokenizer.ggml.tokens', tokens);
  // 1 is a normal token, 3 a control token
  to.numbers(
    'tokenizer.ggml.token_type',
    tokens.map((token) => (specials.includes(token) ? 3 : 1)),
  );
  to.texts('tokenizer.ggml.merges', ['t h']);
  to.number('tokenizer.ggml.bos_token_id', bos);
  to.number('tokenizer.ggml.eos_token_id', bos + 1);
  to.number('tokenizer.ggml.eot_token_id', bos + 2);
  to.flag('tokenizer.ggml.add_bos_token', true);
  to.text(
    'tokenizer.chat_template',
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}<|im_end|>\n{% endfor %}assistant: ",
  );
}

/** The part of the file before the weights, written value by value in little-endian order. */
class GgufHeader {
  readonly #parts: Buffer[] = [];
  #entries = 0;

  start(tensors: number): Buffer {
    return Buffer.concat([Buffer.from('GGUF'), uint32(3), uint64(tensors), uint64(this.#entries)]);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  number(key: string, value: number): void {
    this.#entry(key, valueType.uint32, uint32(value));
  }

  float(key: string, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#entry(key, valueType.float32, bytes);
  }

  flag(key: string, value: boolean): void {
    this.#entry(key, valueType.bool, Buffer.from([value ? 1 : 0]));
  }

  text(key: string, value: string): void {
    this.#entry(key, valueType.text, text(value));
  }

  texts(key: string, values: readonly string[]): void {
    this.#array(key, valueType.text, values.map(text));
  }

  numbers(key: string, values: readonly number[]): void {
    this.#array(key, valueType.int32, values.map(uint32));
  }

  tensor({ name, shape }: Tensor, offset: number): void {
    // type 0: every weight is a float of 32 bits
    this.#parts.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(0), uint64(offset));
  }

  #array(key: string, type: number, values: readonly Buffer[]): void {
    this.#entry(key, valueType.array, uint32(type), uint64(values.length), ...values);
  }

  #entry(key: string, type: number, ...value: readonly Buffer[]): void {
    this.#entries += 1;
    this.#parts.push(text(key), uint32(type), ...value);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function padded(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [out, words = 'the model says the thing that the text says'] = process.argv.slice(2);
  if (out === undefined) throw new Error('usage: tsx scripts/make-gguf.ts <out.gguf> [text]');
  mkdirSync(dirname(out), { recursive: true });
  const bytes = makeGguf(words);
  writeFileSync(out, bytes);
  console.log(`${out}: ${bytes.length} bytes`);
}
