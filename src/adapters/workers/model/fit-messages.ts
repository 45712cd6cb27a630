import type { ModelMessage } from 'ai';

const bytesPerToken = 4;
/** What is kept free for the answer, the system's words and the tools. */
const keptFree = 0.3;
const dropped = '[left out to save room: call the tool again if it is needed]';

/**
 * The conversation with the oldest results of tools left out until it fits; the request, the model's own words and the
 * last two messages stay. Without a limit nothing is left out. What fits by no means is sent as it is: the endpoint says so.
 */
export function fitMessages(messages: readonly ModelMessage[], contextTokens: number | null): ModelMessage[] {
  const fitting = [...messages];
  if (contextTokens === null) return fitting;
  const most = contextTokens * (1 - keptFree) * bytesPerToken;
  let size = fitting.reduce((sum, message) => sum + sizeOf(message), 0);
  for (let at = 1; at < fitting.length - 2 && size > most; at += 1) {
    const message = fitting[at];
    if (message?.role !== 'tool') continue;
    const short: ModelMessage = {
      role: 'tool',
      content: message.content.map((part) =>
        part.type === 'tool-result' ? { ...part, output: { type: 'text', value: dropped } } : part,
      ),
    };
    size -= Math.max(0, sizeOf(message) - sizeOf(short));
    fitting[at] = short;
  }
  return fitting;
}

function sizeOf(message: ModelMessage): number {
  return Buffer.byteLength(JSON.stringify(message));
}
