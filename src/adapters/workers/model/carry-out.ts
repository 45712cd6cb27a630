import { z } from 'zod';
import type { PlanOfEdit, Rationale } from '../../../core/caws/plea.js';
import { isFault } from '../../../core/fault.js';
import { showHidden } from '../../../core/show-hidden.js';
import type { WorkNews } from '../../../ports/worker.js';
import type { Room } from '../room/room.js';
import { type ToolName, toolInputs } from './edit-tools.js';

/** How the model said that it has ended. */
export type LoopEnd =
  | { readonly kind: 'change'; readonly rationale: Rationale }
  | { readonly kind: 'infeasible'; readonly clause: string; readonly evidence: string }
  | { readonly kind: 'amendment'; readonly paths: readonly string[]; readonly why: string }
  | { readonly kind: 'plan'; readonly plan: Omit<PlanOfEdit, 'spec_id' | 'version'> };

/** What a call came to: words for the model, or the end. */
export type Carried =
  | { readonly ok: boolean; readonly text: string; readonly news?: WorkNews; readonly edited?: true }
  | { readonly end: LoopEnd };

const longestText = 24_000;
const mostOutputBytes = 256 * 1024;
const commandTimeoutMs = 300_000;
const defaultLines = 800;

type Inputs = { [Name in ToolName]: z.infer<(typeof toolInputs)[Name]> };
type Carry = { [Name in ToolName]: (room: Room, input: Inputs[Name]) => Promise<Carried> | Carried };

/**
 * Carries one call of the model out, in the room and nowhere else. What is wrong with the call is words for the model;
 * only what keeps the room from working is thrown.
 */
export async function carryOut(room: Room, name: string, input: unknown): Promise<Carried> {
  if (!isToolName(name)) return failed(`there is no tool '${name}'`);
  const parsed = toolInputs[name].safeParse(input);
  if (!parsed.success) return failed(`the call does not fit the tool: ${z.prettifyError(parsed.error)}`);
  try {
    return await dispatch(room, name, parsed.data);
  } catch (error) {
    if (isFault(error, 'AGENT_FAILED')) return failed(error.message);
    throw error;
  }
}

function isToolName(name: string): name is ToolName {
  return Object.hasOwn(toolInputs, name);
}

function dispatch<Name extends ToolName>(room: Room, name: Name, input: unknown): Promise<Carried> | Carried {
  // the input was parsed by this tool's own schema just before
  return carry[name](room, input as Inputs[Name]);
}

const carry: Carry = {
  list_files: async (room, { path }) =>
    told(
      await room.run(command(['find', inside(path), '-name', '.git', '-prune', '-o', '-type', 'f', '-print'])),
      path,
    ),
  search: async (room, { pattern, path }) =>
    told(await room.run(command(['grep', '-rnIE', '--exclude-dir=.git', '-e', pattern, '--', inside(path)])), path),
  read_file: async (room, { path, from_line: from = 1, lines = defaultLines }) => {
    const text = await readText(room, path);
    if (typeof text !== 'string') return text;
    const all = text.split(/\r?\n/);
    const shown = all.slice(from - 1, from - 1 + lines).join('\n');
    const rest = all.length - Math.min(all.length, from - 1 + lines);
    return done(`${cap(shown)}${rest > 0 ? `\n[${rest} more lines follow]` : ''}`);
  },
  write_file: (room, { path, content }) => write(room, path, content),
  edit_file: async (room, { path, old_text: before, new_text: after }) => {
    const text = await readText(room, path);
    if (typeof text !== 'string') return text;
    // files with CRLF are shown with LF alone
    const turned = !text.includes(before) && text.includes('\r\n');
    const [old, fresh] = turned ? [withCrlf(before), withCrlf(after)] : [before, after];
    const at = text.indexOf(old);
    if (at === -1) return failed(`old_text does not occur in ${path}: read the file again and copy it exactly`);
    if (text.includes(old, at + 1)) return failed(`old_text occurs more than once in ${path}: give more around it`);
    return write(room, path, text.slice(0, at) + fresh + text.slice(at + old.length));
  },
  delete_file: async (room, { path }) => {
    const why = room.refuses(path);
    if (why !== null) return refused(path, why);
    const run = await room.run(command(['rm', '--', inside(path)]));
    if (run.exit !== 0) return failed(cap(run.output));
    return { ok: true, text: `${path} is deleted`, news: { kind: 'file', text: `deleted ${path}` }, edited: true };
  },
  run_command: async (room, { command: text }) => {
    const run = await room.run(command(['sh', '-c', text]));
    const end = run.exit === null ? `stopped: ${run.ended}` : `exit ${run.exit}`;
    return {
      ok: run.exit !== null,
      text: `${cap(run.output)}\n[${end}]`,
      news: { kind: 'tool', text: `${text.slice(0, 200)} (${end})` },
      edited: true,
    };
  },
  request_scope_amendment: (_room, input) => ({ end: { kind: 'amendment', ...input } }),
  plead_infeasible: (_room, input) => ({ end: { kind: 'infeasible', ...input } }),
  finish: (_room, rationale) => ({ end: { kind: 'change', rationale } }),
  propose_plan: (_room, plan) => ({ end: { kind: 'plan', plan } }),
};

function command(argv: readonly string[]): Parameters<Room['run']>[0] {
  return { argv, timeoutMs: commandTimeoutMs, maxOutputBytes: mostOutputBytes };
}

/** A path that no program takes for an option. Where it leads is for the sandbox to bound. */
function inside(path: string | undefined): string {
  return path === undefined || path === '' ? '.' : path.startsWith('/') ? path : `./${path}`;
}

async function readText(room: Room, path: string): Promise<string | Carried> {
  const bytes = await room.readFile(path);
  if (bytes === null) return failed(`there is no file ${path}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // the decoder's one failure: bytes that are no text
    return failed(`${path} is not UTF-8 text (${bytes.length} bytes)`);
  }
}

async function write(room: Room, path: string, text: string): Promise<Carried> {
  const why = room.refuses(path);
  if (why !== null) return refused(path, why);
  await room.writeFile(path, Buffer.from(text));
  return {
    ok: true,
    text: `${path} is written, ${text.split('\n').length} lines`,
    news: { kind: 'file', text: path },
    edited: true,
  };
}

function withCrlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

function told(run: { exit: number | null; ended: string; output: string }, path: string | undefined): Carried {
  // grep answers 1 for no hit, find for a part that it may not read
  if (run.exit === null) return failed(`stopped: ${run.ended}`);
  if (run.exit > 1) return failed(cap(run.output));
  return done(run.output === '' ? `nothing found${path === undefined ? '' : ` in ${path}`}` : cap(run.output));
}

function cap(text: string): string {
  const shown = showHidden(text);
  return shown.length <= longestText
    ? shown
    : `${shown.slice(0, longestText)}\n[… ${shown.length - longestText} more characters were left out]`;
}

function done(text: string): Carried {
  return { ok: true, text };
}

function failed(text: string): Carried {
  return { ok: false, text };
}

function refused(path: string, why: string): Carried {
  return { ok: false, text: `refused: ${path}: ${why}`, news: { kind: 'refused', text: `${path}: ${why}` } };
}
