import type { WorkNews } from '../../ports/worker.js';
import type { AgentRoom } from './agent-room.js';
import { cleanText } from './clean-text.js';

const longestNews = 2000;
const mostWords = 1024 * 1024;
const mostTranscriptBytes = 4 * 1024 * 1024;

/** What an agent says and does, told on as news and kept as a transcript; clean, and without the room's token. */
export interface Logbook {
  /** Tells it and writes it down. Paths in the clone are made relative. */
  note(news: WorkNews): void;
  /** Words to the user: a whole message, or the first or a next piece of one. */
  say(text: string, part?: 'whole' | 'first' | 'next'): void;
  /** Tells what was held back: words that come in pieces are told by the line. */
  flush(): void;
  /** Everything that was said, its end when it is more than 1 MiB. */
  said(): string;
  /** The last message alone. */
  lastWords(): string;
  /** JSON lines, at most 4 MiB; the last line says when some were left out. */
  transcript(): Uint8Array;
}

/** A logbook of one run in a room. */
export function openLogbook(room: AgentRoom, tell: (news: WorkNews) => void, opening: object): Logbook {
  const lines: string[] = [];
  const messages: string[] = [];
  let bytes = 0;
  let left = 0;
  let held = '';
  let turns = 0;

  const write = (entry: object): void => {
    const line = JSON.stringify(entry);
    bytes += Buffer.byteLength(line) + 1;
    if (bytes <= mostTranscriptBytes) lines.push(line);
    else left += 1;
  };
  const clean = (text: string, cap: number): string => cleanText(text, { secrets: [room.token], cap });
  const tellSpend = (): void => {
    const spend = room.meter.spend();
    if (spend.turns === turns) return;
    turns = spend.turns;
    const tokens = spend.input_tokens + spend.output_tokens;
    tell({ kind: 'spend', text: `${turns} turns, ${tokens} tokens, ${spend.micro_usd} micro-dollars`, spend });
  };
  const note = (news: WorkNews): void => {
    const text = clean(news.text.replaceAll(`${room.folder}/`, ''), longestNews).trim();
    if (text === '') return;
    write({ ...news, text });
    tell({ ...news, text });
    tellSpend();
  };
  const flush = (): void => {
    const text = held;
    held = '';
    note({ kind: 'message', text });
  };
  write({ kind: 'opening', ...opening });

  return {
    note(news) {
      flush();
      note(news);
    },
    say(text, part = 'whole') {
      if (part === 'next' && messages.length > 0) messages.push(`${messages.pop() ?? ''}${text}`.slice(-mostWords));
      else messages.push(text.slice(-mostWords));
      if (part !== 'next') flush();
      held += text;
      if (part === 'whole' || held.includes('\n') || held.length > 200) flush();
    },
    flush,
    said: () => messages.join('\n\n').slice(-mostWords),
    lastWords: () => messages.findLast((text) => text.trim() !== '') ?? '',
    transcript() {
      const end = left === 0 ? [] : [JSON.stringify({ kind: 'left-out', lines: left })];
      // What agents' programs do not tell of their calls, the meter does.
      const calls = room.meter.calls();
      const metered = calls.length === 0 ? [] : [JSON.stringify({ kind: 'calls', calls })];
      return Buffer.from([...lines, ...end, ...metered, ''].join('\n'));
    },
  };
}
