import type { ClaimedUsage, Conversation, OfferedTool, Script, Step, Turn } from './script.js';

/** Tools that can make a file hold a text, the plainest first. */
const writers: readonly RegExp[] = [
  /^write$/i,
  /^write_?file$/i,
  /^create_?file$/i,
  /^(exec_command|shell|shell_command|local_shell|bash|run_shell_command|run_terminal_cmd)$/i,
];

/** The turn of the first script that matches; past its last step, and where no tool fits, the model says that it is done. */
export function chooseTurn(scripts: readonly Script[], asked: Conversation, usage: ClaimedUsage): Turn {
  const script = scripts.find(({ when }) => when === undefined || when.test(asked.text));
  const step = script?.steps[asked.turn] ?? {};
  const call = callOf(step, asked);
  return { say: step.say ?? (call === null ? lastWords(script) : null), call, usage };
}

function lastWords(script: Script | undefined): string {
  const words = script?.steps.at(-1)?.say;
  return words ?? 'Done.';
}

function callOf(step: Step, asked: Conversation): Turn['call'] {
  const id = `call_${asked.turn + 1}_${Math.random().toString(36).slice(2, 8)}`;
  if (step.call !== undefined) {
    const wanted = step.call;
    const tool = asked.tools.find(({ name }) => wanted.tool.test(name));
    return tool === undefined ? null : { id, name: tool.name, args: wanted.args };
  }
  if (step.edit === undefined) return null;
  const tool = writers.flatMap((form) => asked.tools.filter(({ name }) => form.test(name)))[0];
  return tool === undefined
    ? null
    : { id, name: tool.name, args: editArguments(tool, step.edit, folderOf(asked.text)) };
}

/** Fills the arguments of a tool that was never seen before, by the names of its parameters. */
function editArguments(
  tool: OfferedTool,
  edit: { readonly path: string; readonly text: string },
  folder: string | null,
): Record<string, unknown> {
  const path = folder === null || edit.path.startsWith('/') ? edit.path : `${folder}/${edit.path}`;
  const filled: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(tool.schema.properties ?? {})) {
    if (/path$|^file$/i.test(name)) filled[name] = path;
    else if (/^contents?$|^text$/i.test(name)) filled[name] = edit.text;
    else if (/^(cmd|command)$/.test(name)) filled[name] = commandOf(path, edit.text, type);
    else if (/^description$/.test(name)) filled[name] = 'writes the file';
  }
  return filled;
}

function commandOf(path: string, text: string, type: unknown): string | readonly string[] {
  const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const command = `printf '%s' ${quoted(text)} > ${quoted(path)}`;
  return type === 'array' ? ['bash', '-lc', command] : command;
}

/** The folder that the agent told the model it works in; tools of some agents take absolute paths alone. */
function folderOf(text: string): string | null {
  return /(?:working directory|<cwd>|directory is|cwd)[^\n/]{0,20}(\/[^\s<>"'`]*[^\s<>"'`.,])/i.exec(text)?.[1] ?? null;
}
