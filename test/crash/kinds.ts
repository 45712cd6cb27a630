import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoAgents, demoWords, productFiles } from '../../src/app/demo/demo-files.js';
import { writeToyAgent } from '../e2e/toy-agent.js';
import { type AgentProfile, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { TaskRequest, TaskState } from '../../src/core/tasks/task.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';

/** One kind of task: who works on it, and how it ends whatever crashes. */
export interface Kind {
  readonly name: string;
  /** Of a hundred tasks, about so many. */
  readonly share: number;
  readonly ends: TaskState;
  /** Code of the reason that it ends or waits with; null where there is none. */
  readonly reason: string | null;
  /** Attempts that it takes, no more and no fewer; null where a deadline or a person decides. */
  readonly attempts: number | null;
  readonly agents: readonly string[];
  /** How it ends instead where the first agent rested as it was chosen, and so came last. */
  readonly firstCameLast?: { readonly ends: TaskState; readonly reasons: readonly string[] };
  readonly refinements?: number;
  readonly candidates?: number;
  readonly spec?: string;
  /** Milliseconds after which a person cancels it. */
  readonly cancelAfterMs?: number;
  /** Milliseconds after which its deadline passes. */
  readonly deadlineMs?: number;
}

/** The program that never ends by itself. */
export const sleeper = 'sleeper';

export const kinds: readonly Kind[] = [
  { name: 'refused', share: 33, ends: 'rejected', reason: 'FAIL', attempts: 1, agents: ['hasty'], refinements: 0 },
  { name: 'failing', share: 8, ends: 'failed', reason: 'AGENT_FAILED', attempts: 1, agents: ['broken'] },
  { name: 'busy once', share: 8, ends: 'rejected', reason: 'FAIL', attempts: 2, agents: ['busy'], refinements: 0 },
  {
    name: 'next agent',
    share: 8,
    ends: 'rejected',
    reason: 'FAIL',
    attempts: 2,
    agents: ['broken', 'hasty'],
    refinements: 0,
  },
  {
    name: 'amendment',
    share: 8,
    ends: 'awaiting-amendment',
    reason: 'AMENDMENT_REQUESTED',
    attempts: 1,
    agents: ['asking'],
  },
  {
    name: 'no such spec',
    share: 4,
    ends: 'rejected',
    reason: 'SPEC_NOT_FOUND',
    attempts: 0,
    agents: ['hasty'],
    spec: 'NONE-404',
  },
  {
    name: 'cancelled',
    share: 6,
    ends: 'cancelled',
    reason: 'CANCELLED',
    attempts: null,
    agents: ['endless'],
    cancelAfterMs: 4000,
  },
  {
    name: 'too late',
    share: 6,
    ends: 'failed',
    reason: 'DEADLINE_PASSED',
    attempts: null,
    agents: ['endless'],
    deadlineMs: 8000,
  },
  {
    name: 'two candidates',
    share: 4,
    ends: 'rejected',
    reason: 'FAIL',
    attempts: 2,
    agents: ['hasty', 'hasty2'],
    candidates: 2,
    refinements: 0,
  },
  { name: 'program', share: 5, ends: 'rejected', reason: 'FAIL', attempts: 1, agents: ['program'], refinements: 0 },
  {
    name: 'killed program',
    share: 2,
    ends: 'rejected',
    reason: 'FAIL',
    // One, where so many programs were killed before that its breaker is open, and the next agent comes first.
    attempts: null,
    agents: [sleeper, 'hasty'],
    // Killed again, or still to be left alone when its turn came.
    firstCameLast: { ends: 'failed', reasons: ['AGENT_FAILED', 'AGENT_RESTING'] },
    refinements: 0,
  },
  { name: 'accepted', share: 4, ends: 'accepted', reason: null, attempts: 1, agents: ['careful'] },
  { name: 'refined', share: 2, ends: 'accepted', reason: null, attempts: 2, agents: ['learning'], refinements: 1 },
  {
    name: 'escalated',
    share: 1,
    ends: 'accepted',
    reason: null,
    attempts: 2,
    agents: ['hasty', 'careful'],
    refinements: 0,
  },
  {
    name: 'over budget',
    share: 1,
    ends: 'awaiting-waiver',
    reason: 'WAIVER_REQUIRED',
    attempts: 1,
    agents: ['generous'],
    refinements: 0,
  },
];

/** Kinds in the order in which they are asked for: each about as often as its share, spread evenly, always the same. */
export function* dealKinds(): Generator<Kind> {
  const owed = new Map(kinds.map((kind) => [kind, 0]));
  for (;;) {
    let best = kinds[0];
    for (const kind of kinds) {
      const owes = (owed.get(kind) ?? 0) + kind.share;
      owed.set(kind, owes);
      if (best === undefined || owes > (owed.get(best) ?? 0)) best = kind;
    }
    if (best === undefined) return;
    owed.set(best, (owed.get(best) ?? 0) - 100);
    yield best;
  }
}

/** The request of a task of that kind. */
export function requestOf(kind: Kind, repository: string, key: string | null, nowMs: number): TaskRequest {
  return {
    words: demoWords,
    repository,
    spec: kind.spec ?? 'POST-001',
    base: null,
    agents: [...kind.agents],
    candidates: kind.candidates ?? 1,
    bounds: { micro_usd: 5_000_000, tokens: null, turns: 60, wall_ms: 600_000 },
    priority: kind.deadlineMs === undefined && kind.cancelAfterMs === undefined ? 500 : 400,
    deadline_ms: kind.deadlineMs === undefined ? null : nowMs + kind.deadlineMs,
    dedup_key: null,
    refinements: kind.refinements ?? 1,
    key,
  };
}

/** Budgets of a product of forty lines. */
export const smallBudgets = {
  1: { maxFiles: 2, maxLoc: 20 },
  2: { maxFiles: 4, maxLoc: 40 },
  3: { maxFiles: 5, maxLoc: 60 },
};

type Files = Readonly<Record<string, string | null>>;

/** Writes the recordings of all agents beside each other; answers the agents that repeat them. */
export async function writeRecordings(
  repository: ScratchRepository & { readonly base: string },
  diff: (from: string, to: string) => Promise<string>,
  folder: string,
  delayMs: number,
): Promise<readonly AgentProfile[]> {
  const patchOf = async (files: Files): Promise<string> => {
    await repository.branch('recording', repository.base);
    const patch = await diff(repository.base, await repository.commit('recorded', files));
    await repository.branch('main', repository.base);
    return patch;
  };
  const filesOf = (agent: string, attempt: number): Files => demoAgents[agent]?.[attempt]?.files ?? {};
  const judge = await patchOf(filesOf('hasty', 0));
  const early = await patchOf({
    'test/postage.test.js': `${productFiles['test/postage.test.js'] ?? ''}process.exit(0);\n`,
  });
  const fix = await patchOf(filesOf('careful', 0));
  const plan = {
    files: [
      { path: 'src/postage.js', lines: 4 },
      { path: 'test/postage.test.js', lines: 4 },
    ],
  };
  const attempt = (patch: string, more: object = {}): object => ({
    plan,
    patch,
    rationale: { summary: 'as recorded', acceptance: [{ id: 'A1', met_by: 'the comparison' }] },
    spend: { micro_usd: 1000, input_tokens: 100, output_tokens: 10, turns: 1, wall_ms: 50 },
    news: [{ kind: 'message', text: 'at it' }],
    delay_ms: delayMs,
    ...more,
  });
  // Faults that open no breaker: else tasks of a kind, which all go wrong, would keep each other waiting.
  const busy = { code: 'CLONE_LOST', message: 'the clone is gone', again: true };
  const refused = { status: 400, code: 'invalid_request_error' };
  const recordings: Readonly<Record<string, readonly object[]>> = {
    careful: [attempt(fix)],
    learning: [attempt(early), attempt(fix)],
    hasty: [attempt(judge)],
    hasty2: [attempt(early)],
    generous: [attempt(await patchOf(filesOf('generous', 0)))],
    broken: [
      attempt(fix, { fails: { code: 'AGENT_FAILED', message: 'it always breaks', again: false, answer: refused } }),
    ],
    busy: [attempt(judge, { fails: busy }), attempt(judge)],
    asking: [attempt('', { outcome: { kind: 'amendment', paths: ['docs'], why: 'the prices are told there' } })],
    endless: [attempt(fix, { delay_ms: 600_000 })],
  };
  const replays = Object.entries(recordings).map(([name, attempts]) => {
    const file = join(folder, `${name}.recording.json`);
    writeFileSync(file, JSON.stringify({ version: 1, agent: name, model: 'recorded', attempts }));
    return agentProfileSchema.parse({ name, kind: 'replay', file, limits: { concurrency: 16 } });
  });
  const programs = Object.entries(toys).map(([name, work]) => {
    const command = [writeToyAgent(folder, name, work), '{prompt}'];
    return agentProfileSchema.parse({ name, kind: 'cli', command, limits: { concurrency: 4 } });
  });
  return [...replays, ...programs];
}

/** Ends a test before it has said anything, which no examination lets pass. */
const endEarly = [`echo 'process.exit(0);' >> test/postage.test.js`];

/** Real programs, in rooms with clones of their own. */
const toys: Readonly<Record<string, readonly string[]>> = {
  program: [...endEarly, 'sleep 1'],
  // Works until it is killed.
  [sleeper]: ['sleep 600 & wait', ...endEarly],
};

/** The product, of which every task changes a copy. */
export const product = productFiles;
