import type { ClaimedUsage, Conversation, OfferedTool, Script, Step, Turn } from './script.js';

/** How agents tell the model where they work, the plainest first. */
const folderForms: readonly RegExp[] = [
  /<cwd>(\/[^<]+)<\/cwd>/,
  /working in the director(?:y|ies):?\s*(\/[^\s<>"'`]*[^\s<>"'`.,])/i,
  /working directory[^\n/]{0,20}(\/[^\s<>"'`]*[^\s<>"'`.,])/i,
  /workspace directories[^/]{0,40}(\/[^\s<>"'`]*[^\s<>"'`.,])/i,
];
const shells = /^(exec_command|shell|shell_command|local_shell|bash|run_shell_command|run_terminal_cmd)$/i;
const readers: readonly RegExp[] = [/^read$/i, /^read_?(text_?)?file$/i, shells];
/** Tools that can make a file hold a text, the plainest first. */
const writers: readonly RegExp[] = [/^write$/i, /^write_?file$/i, /^create_?file$/i, shells];

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
  const forms = formsOf(step);
  const tool = forms.flatMap((form) => asked.tools.filter(({ name }) => form.test(name)))[0];
  return tool === undefined ? null : { id, name: tool.name, args: argumentsOf(tool, step, folderOf(asked.text)) };
}

function formsOf(step: Step): readonly RegExp[] {
  if (step.run !== undefined) return [shells];
  if (step.read !== undefined) return readers;
  return step.edit === undefined ? [] : writers;
}

/** Fills the arguments of a tool that was never seen before, by the names of its parameters. */
function argumentsOf(tool: OfferedTool, step: Step, folder: string | null): Record<string, unknown> {
  const { path: at, text } = step.edit ?? { path: step.read ?? '', text: '' };
  const path = folder === null || at.startsWith('/') ? at : `${folder}/${at}`;
  const write = step.edit === undefined ? `cat ${quoted(path)}` : `printf '%s' ${quoted(text)} > ${quoted(path)}`;
  const line = step.run ?? write;
  const filled: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(tool.schema.properties ?? {})) {
    if (/^(cmd|command)$/.test(name)) filled[name] = type === 'array' ? ['bash', '-lc', line] : line;
    else if (/^description$/.test(name)) filled[name] = 'does what was asked';
    else if (step.run === undefined && /path$|^file$/i.test(name)) filled[name] = path;
    else if (step.edit !== undefined && /^contents?$|^text$/i.test(name)) filled[name] = text;
  }
  return filled;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The folder that the agent told the model it works in; tools of some agents take absolute paths alone. */
function folderOf(text: string): string | null {
  for (const form of folderForms) {
    const folder = form.exec(text)?.[1];
    if (folder !== undefined) return folder;
  }
  return null;
}
