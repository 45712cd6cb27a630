import { type JsonRecord, isRecord, recordIn, recordsIn, textIn } from '../json-blocks.js';

/** A tool call as far as it is known: updates tell the rest of it bit by bit. */
export interface KnownCall {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly status: string;
  /** Files that it names as its own: locations, diffs, arguments. */
  readonly paths: readonly string[];
}

/** Remembers the tool calls of one session. */
export interface ToolCalls {
  /** What is known of the call once this is added; lists that are given replace those before. */
  merge(update: unknown): KnownCall;
}

const mostCalls = 10_000;
const pathNames = ['path', 'file_path', 'filePath', 'filepath', 'abs_path', 'absolute_path', 'notebook_path'];

/** True for a call that writes files by itself, as opposed to a command, which the sandbox holds. */
export function writesFiles({ kind }: KnownCall): boolean {
  return kind === 'edit' || kind === 'delete' || kind === 'move';
}

/** A memory of tool calls that begins empty; beyond 10,000 the oldest are forgotten. */
export function openToolCalls(): ToolCalls {
  const known = new Map<string, KnownCall>();
  return {
    merge(update) {
      const told = isRecord(update) ? update : {};
      const id = textIn(told, 'toolCallId');
      const before = known.get(id) ?? { id, title: '', kind: '', status: '', paths: [] };
      const paths = pathsOf(told);
      const call = {
        id,
        title: textIn(told, 'title') || before.title,
        kind: textIn(told, 'kind') || before.kind,
        status: textIn(told, 'status') || before.status,
        paths: paths.length === 0 ? before.paths : [...new Set([...before.paths, ...paths])],
      };
      known.set(id, call);
      const [oldest] = known.size > mostCalls ? known.keys() : [];
      if (oldest !== undefined) known.delete(oldest);
      return call;
    },
  };
}

function pathsOf(told: JsonRecord): readonly string[] {
  const diffs = recordsIn(told, 'content').filter(({ type }) => type === 'diff');
  const named = [...recordsIn(told, 'locations'), ...diffs].map((one) => textIn(one, 'path'));
  const input = recordIn(told, 'rawInput') ?? {};
  const args = pathNames.map((name) => textIn(input, name));
  return [...named, ...args, ...Object.keys(recordIn(input, 'changes') ?? {})].filter((path) => path !== '');
}
