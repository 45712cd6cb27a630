import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { createGateRunner } from '../../src/adapters/gates/gate-runner.js';
import { createGit } from '../../src/adapters/git/create-git.js';
import { createBareSandbox, createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import { createSyntax } from '../../src/adapters/syntax/create-syntax.js';
import { arbiterConfigSchema } from '../../src/core/caws/arbiter-config.js';
import type { Change } from '../../src/core/caws/change.js';
import type { FileFacts } from '../../src/core/caws/file-facts.js';
import type { GateOutcome } from '../../src/core/caws/gate/gate-outcome.js';
import { defaultPolicy } from '../../src/core/caws/policy.js';
import type { WorkingSpec } from '../../src/core/caws/working-spec.js';
import type { GateRunner, GitSession } from '../../src/ports/index.js';

// Shared by all cases of a file, so that one base is run once.
const sharedCache = mkdtempSync(join(tmpdir(), 'arbiter-fixture-cache-'));
afterAll(() => rmSync(sharedCache, { recursive: true, force: true }));

/** Files of a tree: text, null to take a base's file away in the candidate, or a link. */
export type Files = Readonly<Record<string, string | null | { readonly link: string }>>;

const bubblewrap = createBubblewrapSandbox();
export const probe = await bubblewrap.probe();

/** The gate of most cases: node's own runner, its report through a pipe. */
export const nodeGate = {
  kind: 'tests',
  command: ['node', '--test', '--test-reporter=junit', '--test-reporter-destination={report}'],
  reports: [{ format: 'junit' }],
  timeoutSeconds: 60,
};

export const honestBase: Files = {
  'package.json': '{"name":"sum","private":true,"type":"module"}\n',
  'src/sum.js': 'export function sum(a, b) {\n  return a + b;\n}\n',
  'test/sum.test.js': `import test from 'node:test';
import assert from 'node:assert';
import { sum } from '../src/sum.js';
test('sums', () => {
  assert.equal(sum(1, 2), 3);
});
`,
};

const spec: WorkingSpec = {
  dialect: 'C',
  id: 'SUM-1',
  title: 'Sum',
  riskTier: 3,
  mode: 'feature',
  lifecycle: 'active',
  changeBudget: null,
  blastRadius: { modules: [], dataMigration: false },
  scope: { in: ['src'], out: [], support: [] },
  invariants: [],
  acceptance: [],
  security: [],
  contracts: [],
  rollbackSlo: null,
};

export interface Deliberated {
  readonly outcomes: readonly GateOutcome[];
  readonly notes: readonly string[];
  outcome(name?: string): GateOutcome;
}

/** A real repository with a base and a candidate, deliberated by real gates. */
export async function deliberate(
  base: Files,
  candidate: Files,
  options: {
    readonly gates?: Record<string, object>;
    readonly config?: object;
    readonly spec?: Partial<WorkingSpec>;
    readonly cacheFolder?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Deliberated> {
  return withRepository(base, candidate, async ({ git, change, facts }) => {
    const notes: string[] = [];
    const outcomes = await runnerFor(options.cacheFolder ?? sharedCache).run({
      git,
      change,
      facts,
      spec: { ...spec, ...options.spec },
      policy: defaultPolicy,
      config: arbiterConfigSchema.parse({ version: 1, gates: options.gates ?? { tests: nodeGate }, ...options.config }),
      progress: { stage: () => undefined, note: (text) => notes.push(text) },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return {
      outcomes,
      notes,
      outcome(name = 'tests') {
        const found = outcomes.find((one) => one.name === name);
        if (found === undefined)
          throw new Error(`no outcome of ${name} among ${outcomes.map((one) => one.name).join()}`);
        return found;
      },
    };
  });
}

/** `arbiter gates check` on a base. */
export async function check(base: Files, gates: Record<string, object>, config: object = {}) {
  return withRepository(base, {}, ({ git, change }) =>
    runnerFor(sharedCache).check({
      git,
      base: change.base,
      policy: defaultPolicy,
      config: arbiterConfigSchema.parse({ version: 1, gates, ...config }),
      progress: { stage: () => undefined, note: () => undefined },
    }),
  );
}

function runnerFor(cacheFolder: string): GateRunner {
  return createGateRunner({
    sandboxes: { bubblewrap, none: createBareSandbox() },
    clock: systemClock,
    syntax: createSyntax(),
    cacheFolder,
  });
}

async function withRepository<Result>(
  base: Files,
  candidate: Files,
  use: (repository: { git: GitSession; change: Change; facts: readonly FileFacts[] }) => Promise<Result>,
): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), 'arbiter-fixture-'));
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: root }).toString();
    const commit = (files: Files): string => {
      for (const [path, content] of Object.entries(files)) put(join(root, path), content);
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', 'x');
      return git('rev-parse', 'HEAD').trim();
    };
    git('init', '-q');
    const from = commit(base);
    const to = commit(candidate);
    const session = await createGit().open(root);
    try {
      const head = await session.resolveCommit(to);
      const change = await session.measure(await session.resolveCommit(from), head.tree, to);
      return await use({ git: session, change, facts: await factsOf(session, change) });
    } finally {
      await session.close();
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function factsOf(git: GitSession, change: Change): Promise<readonly FileFacts[]> {
  const facts: FileFacts[] = [];
  for await (const content of git.readContents(change, { maxBytes: 1_000_000 })) {
    const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
    const { file, addedLines, removedLines } = content;
    const texts = { oldText: text(content.oldBytes), newText: text(content.newBytes) };
    facts.push({ file, ...texts, addedLines, removedLines, oldSyntax: null, newSyntax: null });
  }
  return facts;
}

function put(path: string, content: Files[string]): void {
  rmSync(path, { force: true, recursive: true });
  if (content === null || content === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === 'string') writeFileSync(path, content);
  else symlinkSync(content.link, path);
}
