import { resolve } from 'node:path';
import type { RunInput, RunOutput } from '../../../app/tasks/run-task.js';
import type { TaskReport } from '../../../app/tasks/task-report.js';
import { showMoney } from '../../../core/tasks/explain-event.js';
import type { Task } from '../../../core/tasks/task.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf, textsOf } from './command-surface.js';

const exits: Readonly<Partial<Record<Task['state'], number>>> = {
  accepted: exitCodes.pass,
  rejected: exitCodes.fail,
  'awaiting-waiver': exitCodes.waiverRequired,
  'awaiting-amendment': exitCodes.waiverRequired,
  failed: exitCodes.fault,
  cancelled: exitCodes.fault,
};

const colours: Readonly<Partial<Record<Task['state'], 'green' | 'red' | 'yellow'>>> = {
  accepted: 'green',
  rejected: 'red',
  failed: 'red',
  cancelled: 'red',
  'awaiting-waiver': 'yellow',
  'awaiting-amendment': 'yellow',
};

/** Exit code of where a task stands; one that goes on is no failure. */
function exitCodeOfTask({ task }: TaskReport): number {
  return exits[task.state] ?? exitCodes.pass;
}

/** The story of a task: a line an event, where it stands, what to do next. */
function showReport({ task, events }: TaskReport, terminal: Terminal): string {
  const began = events[0]?.at_ms ?? task.created_ms;
  const lines = events.map(
    ({ at_ms, text }) => `${paint(terminal, 'dim', showAge(at_ms - began).padStart(8))}  ${showForeign(text)}`,
  );
  return `${[
    `${paint(terminal, 'bold', `task ${task.id}`)}  ${showForeign(firstLine(task.request.words))}`,
    ...lines,
    '',
    ...showState(task, terminal),
  ].join('\n')}\n`;
}

function showState(task: Task, terminal: Terminal): string[] {
  const { spend, reason, files, kept } = task;
  const state = paint(terminal, colours[task.state] ?? 'dim', task.state);
  return [
    `${state}${reason === null ? '' : `: ${showForeign(reason.message)}`}`,
    ...(reason === null ? [] : [`  ${showForeign(reason.mend)}`]),
    `spent ${showMoney(spend.micro_usd)} · ${spend.input_tokens + spend.output_tokens} tokens · ${spend.turns} turns · ${showAge(spend.wall_ms)} of work · ${task.attempt} attempt${task.attempt === 1 ? '' : 's'}`,
    ...(files === null ? [] : [`verdict    ${files.verdict}`, `explain    arbiter verdict verify ${files.verdict}`]),
    ...(kept === null
      ? []
      : [`candidate  ${kept.ref} (git diff ${task.base?.slice(0, 12) ?? ''} ${kept.commit.slice(0, 12)})`]),
  ];
}

const leftWords: Readonly<Record<Exclude<RunOutput['left'], null>, string>> = {
  detached: 'It goes on in the background.',
  background: 'It goes on in the background.',
  'waiting-for-up': 'It is kept, and goes on with the next arbiter up.',
};

export const runSurface: CommandSurface<RunInput, RunOutput> = {
  shape: (flags, terminal) => ({
    words: textOf(flags, 'words') ?? '',
    repository: repositoryOf(flags, terminal),
    agents: textsOf(flags, 'agent'),
    candidates: numberOf(flags, 'candidates') ?? 1,
    maxMinutes: numberOf(flags, 'maxMinutes') ?? 60,
    refinements: numberOf(flags, 'refinements') ?? 2,
    residency: textsOf(flags, 'residency'),
    specialisations: textsOf(flags, 'specialisation'),
    priority: numberOf(flags, 'priority') ?? 500,
    detach: flags['detach'] === true,
    ...definedOnly({
      spec: textOf(flags, 'spec'),
      base: textOf(flags, 'base'),
      budgetUsd: numberOf(flags, 'budgetUsd'),
      maxTokens: numberOf(flags, 'maxTokens'),
      maxTurns: numberOf(flags, 'maxTurns'),
      deadlineMinutes: numberOf(flags, 'deadlineMinutes'),
      dedupKey: textOf(flags, 'dedupKey'),
      session: textOf(flags, 'session'),
      key: pathOfFlag(flags, 'key', terminal),
    }),
  }),
  show(output, terminal) {
    if (output.left === null) return showReport(output, terminal);
    const { id } = output.task;
    return `${[
      `task ${id}: ${leftWords[output.left]}`,
      `  arbiter task watch ${id}`,
      `  arbiter task cancel ${id}`,
    ].join('\n')}\n`;
  },
  exitCode: (output) => (output.left === null ? exitCodeOfTask(output) : exitCodes.pass),
};

const shapeId = (flags: Flags): { id: string } => ({ id: textOf(flags, 'id') ?? '' });

export const taskShowSurface: CommandSurface<{ id: string }, TaskReport> = {
  shape: shapeId,
  show: showReport,
  exitCode: () => exitCodes.pass,
};

export const taskWatchSurface: CommandSurface<{ id: string }, TaskReport> = {
  ...taskShowSurface,
  exitCode: exitCodeOfTask,
};

export const taskResumeSurface: CommandSurface<{ id: string; base?: string | undefined }, TaskReport> = {
  shape: (flags) => ({ ...shapeId(flags), ...definedOnly({ base: textOf(flags, 'base') }) }),
  show: showReport,
  exitCode: () => exitCodes.pass,
};

export const taskListSurface: CommandSurface<
  { states: Task['state'][]; repository?: string | undefined; limit: number },
  { tasks: Task[] }
> = {
  shape: (flags, terminal) => ({
    // The operation's own schema says which states there are.
    states: textsOf(flags, 'state') as Task['state'][],
    limit: numberOf(flags, 'limit') ?? 20,
    ...definedOnly({ repository: flags['repository'] === undefined ? undefined : repositoryOf(flags, terminal) }),
  }),
  show({ tasks }, terminal) {
    if (tasks.length === 0) return 'no tasks: arbiter run "…" makes one\n';
    const lines = tasks.map(
      (task) =>
        `${task.id}  ${paint(terminal, colours[task.state] ?? 'dim', task.state.padEnd(18))} ${(task.ladder[task.rung] ?? '–').padEnd(12)} ${showMoney(task.spend.micro_usd).padStart(8)}  ${showForeign(firstLine(task.request.words))}`,
    );
    return `${lines.join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

export const taskLogsSurface: CommandSurface<
  { id: string; limit: number },
  { lines: { id: number; at_ms: number; kind: string; text: string }[] }
> = {
  shape: (flags) => ({ ...shapeId(flags), limit: numberOf(flags, 'limit') ?? 1000 }),
  show: ({ lines }, terminal) =>
    lines
      .map(
        ({ at_ms, kind, text }) =>
          `${paint(terminal, 'dim', `${new Date(at_ms).toISOString().slice(11, 23)} ${kind.padEnd(8)}`)} ${showForeign(text)}\n`,
      )
      .join(''),
  exitCode: () => exitCodes.pass,
};

export const taskRecordSurface: CommandSurface<
  { id: string; out: string },
  { file: string; recording: { attempts: readonly unknown[] } }
> = {
  shape: (flags, terminal) => ({ ...shapeId(flags), out: resolve(terminal.directory, textOf(flags, 'out') ?? '') }),
  show: ({ file, recording }) =>
    `${file}: ${recording.attempts.length} attempts\n  arbiter agents add NAME --kind replay --file ${file}\n`,
  exitCode: () => exitCodes.pass,
};

function firstLine(words: string): string {
  const line = words.split('\n')[0] ?? '';
  return line.length > 72 ? `${line.slice(0, 71)}…` : line;
}

/** A time span that a person reads, such as `1.2 s` or `3 min`. */
function showAge(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
