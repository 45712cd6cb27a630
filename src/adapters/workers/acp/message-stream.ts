import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { type JsonRecord, parseRecord, recordIn } from '../json-blocks.js';
import { readLines } from '../read-lines.js';
import type { LiveRun } from '../room/room.js';

const maxMessageBytes = 32 * 1024 * 1024;

/** The messages that go to and come from an agent, and what came that was none. */
export interface MessageStream extends Stream {
  /** Lines that were no message, or too long. */
  readonly strays: () => number;
}

/**
 * The Agent Client Protocol over a program's standard input and output, one JSON-RPC message a line. What is no message,
 * and what answers a question that was never asked, is dropped and counted, never handed on: warnings stray into the
 * output of real agents, and the library would write them to our own standard error. For the same reason notifications go
 * to `notice` alone, in their order and before any request that comes after them.
 */
export function openMessageStream(
  live: Pick<LiveRun, 'write' | 'stdout'>,
  notice: (method: string, params: JsonRecord) => void,
): MessageStream {
  const asked = new Set<unknown>();
  let strays = 0;
  const stray = (): void => void (strays += 1);
  const messages = messagesOf(live, asked, { stray, notice });
  return {
    strays: () => strays,
    readable: new ReadableStream<AnyMessage>(
      {
        async pull(controller) {
          const next = await messages.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        },
      },
      { highWaterMark: 0 },
    ),
    writable: new WritableStream<AnyMessage>({
      async write(message) {
        if ('method' in message && 'id' in message) asked.add(message.id);
        await live.write(Buffer.from(`${JSON.stringify(message)}\n`));
      },
    }),
  };
}

async function* messagesOf(
  live: Pick<LiveRun, 'stdout'>,
  asked: Set<unknown>,
  { stray, notice }: { stray: () => void; notice: (method: string, params: JsonRecord) => void },
): AsyncGenerator<AnyMessage> {
  for await (const line of readLines(live.stdout, { maxLineBytes: maxMessageBytes, onDropped: stray })) {
    const [record] = parseRecord(line);
    if (record === undefined || !isMessage(record, asked)) {
      if (line.trim() !== '') stray();
    } else if ('method' in record && !('id' in record)) notice(record.method, recordIn(record, 'params') ?? {});
    else yield record;
  }
}

function isMessage(record: JsonRecord, asked: Set<unknown>): record is JsonRecord & AnyMessage {
  if (record['jsonrpc'] !== '2.0') return false;
  if (typeof record['method'] === 'string') return isIdOrNone(record['id']) && isParams(record['params']);
  if (!asked.delete(record['id'])) return false;
  const error = record['error'];
  if (error === undefined) return 'result' in record;
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'number' &&
    'message' in error
  );
}

function isIdOrNone(id: unknown): boolean {
  return id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
}

function isParams(params: unknown): boolean {
  return params === undefined || (typeof params === 'object' && params !== null);
}
