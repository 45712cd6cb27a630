import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOutput } from '../../src/app/tasks/run-task.js';
import type { TaskReport } from '../../src/app/tasks/task-report.js';
import { processNumbers } from '../../src/adapters/sandbox/process-table.js';
import { createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { arbiter, main, speakFrom } from './cli.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld, governed, quickConfig } from './world.js';

// Through the door that a user uses: the built command line, a store of its own, agents that are real programs.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const probe = await createBubblewrapSandbox().probe();
const config = quickConfig.replace('sandbox: none', `sandbox: ${probe.available ? 'bubblewrap' : 'none'}`);
let repository: ScratchRepository & { readonly base: string };
const { cli, json } = speakFrom(() => ({ home: world.home, cwd: repository.directory }));
const types = (report: TaskReport): string[] => report.events.map(({ event }) => event.type);
const git = (...argv: string[]): string =>
  execFileSync('git', ['-C', repository.directory, ...argv], { encoding: 'utf8' }).trim();
const addToy = (name: string, work: readonly string[], planned?: unknown): void => {
  const file = writeToyAgent(world.home, name, work, planned);
  expect(cli('agents', 'add', name, '--command', file, '{prompt}').code).toBe(0);
};
const liveWith = (words: string): number[] =>
  processNumbers().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${words}`);
    } catch {
      return false;
    }
  });

beforeAll(async () => {
  repository = await governed(world, { '.caws/arbiter.yaml': config });
  addToy('honest', honestFix);
});
afterAll(async () => {
  cli('down');
  await world.close();
});

describe('arbiter run', () => {
  it('takes words to a signed PASS, keeps the candidate, and leaves the repository as it was', () => {
    const before = [git('status', '--porcelain'), git('rev-parse', 'HEAD'), git('for-each-ref', 'refs/heads')];
    const run = cli('run', 'A parcel of 500 g is a letter', '--agent', 'honest');
    expect(run.err).toContain('plan of edit admitted');
    expect(run.out).toContain('accepted');
    expect(run.code).toBe(0);
    const [task] = json<{ tasks: TaskReport['task'][] }>('task', 'list').tasks;
    expect(task).toMatchObject({ state: 'accepted', verdict: { outcome: 'PASS' }, attempt: 1 });
    expect(cli('verdict', 'verify', task?.files?.verdict ?? '').code).toBe(0);
    expect(git('show', '--stat', '--format=%an|%P', task?.kept?.commit ?? '')).toContain(`|${repository.base}`);
    expect(git('rev-parse', `refs/arbiter/tasks/${task?.id ?? ''}`)).toBe(task?.kept?.commit);
    expect([git('status', '--porcelain'), git('rev-parse', 'HEAD'), git('for-each-ref', 'refs/heads')]).toEqual(before);
  });

  it('refuses a plan outside the scope before any work, gives it back, and rejects the task', () => {
    addToy('wide', honestFix, { files: [{ path: 'lib/other.js', lines: 3 }] });
    const report = json<RunOutput>('run', 'x', '--agent', 'wide', '--refinements', '1');
    expect(report.task).toMatchObject({ state: 'rejected', reason: { code: 'PLAN_REFUSED' } });
    expect(types(report).filter((type) => type === 'plan-refused')).toHaveLength(2);
    expect(types(report)).not.toContain('plea-submitted');
    expect(report.events.map(({ text }) => text).join('\n')).toContain('lies outside scope.in');
  });

  it(
    'a write outside the scope fails inside the sandbox, and what is left is judged',
    { skip: !probe.available },
    () => {
      addToy('outside', [
        ...honestFix,
        'echo x > elsewhere.txt',
        'echo "wrote: $?" >&2',
        'echo x >> .caws/policy.yaml || true',
      ]);
      const report = json<RunOutput>('run', 'x', '--agent', 'outside');
      expect(report.task.state).toBe('accepted');
      expect(git('show', '--name-only', '--format=', report.task.kept?.commit ?? '').split('\n')).toEqual([
        'src/postage.js',
        'test/postage.test.js',
      ]);
    },
  );

  it('goes to the next agent when the first edits nothing', () => {
    addToy('idle', ['true']);
    const report = json<RunOutput>('run', 'x', '--agent', 'idle', 'honest', '--refinements', '0');
    expect(report.task).toMatchObject({ state: 'accepted', ladder: ['idle', 'honest'], rung: 1, attempt: 2 });
    expect(report.events.map(({ text }) => text).join('\n')).toContain('ended without an edit');
  });

  it('refines a candidate that was refused, on the change that is there already', () => {
    addToy('slow-learner', [
      // The change is in the clone already when it is mended.
      'if grep -q "<= 500" src/postage.js; then',
      ...honestFix.slice(1),
      'else',
      honestFix[0] ?? '',
      'fi',
    ]);
    const report = json<RunOutput>('run', 'x', '--agent', 'slow-learner');
    expect(report.task).toMatchObject({ state: 'accepted', attempt: 2, round: 1 });
  });

  it('makes several candidates and lets the best verdict count', () => {
    const report = json<RunOutput>('run', 'x', '--agent', 'idle', 'honest', '--candidates', '2');
    expect(report.task).toMatchObject({ state: 'accepted', attempt: 1, chosen: 1 });
    expect(report.task.candidates.map(({ failure }) => failure?.reason.code ?? null)).toEqual(['NOTHING_EDITED', null]);
  });

  it('waits for a human over budget, holds nothing, and goes on when a commit gives the answer', async () => {
    addToy('lavish', [...honestFix, `seq 1 6000 | sed 's/.*/\\/\\/ &/' >> src/postage.js`]);
    const report = json<RunOutput>('run', 'x', '--agent', 'lavish', '--refinements', '0');
    expect(report.task).toMatchObject({ state: 'awaiting-waiver', reason: { code: 'WAIVER_REQUIRED' } });
    expect(cli('run', 'x', '--agent', 'lavish', '--refinements', '0').code).toBe(2);
    // A human raises the budget of the tier, in a commit on the protected branch.
    const policy = git('show', 'HEAD:.caws/policy.yaml').replace(/max_loc: 5000/, 'max_loc: 9000');
    const base = await repository.commit('A larger budget for tier 3', { '.caws/policy.yaml': `${policy}\n` });
    expect(json<TaskReport>('task', 'resume', report.task.id).task.state).toBe('pleaded');
    expect(cli('up').code).toBe(0);
    const watched = cli('task', 'watch', report.task.id, '--json');
    expect(watched.code).toBe(0);
    expect((JSON.parse(watched.out) as TaskReport).task).toMatchObject({ state: 'accepted', base });
    expect(cli('task', 'resume', report.task.id).err).toContain('has ended');
    expect(cli('down').code).toBe(0);
  });

  it('an interrupted run is kept, and the next worker brings it to one verdict', async () => {
    // Long enough for a look at it on a busy machine.
    addToy('slow', ['sleep 6', ...honestFix]);
    const child = spawn(process.execPath, [main, 'run', 'x', '--agent', 'slow', '--json'], {
      cwd: repository.directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: world.home, ARBITER_FSYNC: 'off' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const newest = (): TaskReport => {
      const [task] = json<{ tasks: TaskReport['task'][] }>('task', 'list', '--limit', '1').tasks;
      return json<TaskReport>('task', 'show', task?.id ?? '');
    };
    await expect.poll(() => types(newest()).at(-1), { timeout: 20_000, interval: 300 }).toBe('plan-proposed');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const left = JSON.parse(out) as RunOutput;
    expect(left).toMatchObject({ left: 'waiting-for-up', task: { state: 'working' } });
    expect(cli('up').code).toBe(0);
    const report = JSON.parse(cli('task', 'watch', left.task.id, '--json').out) as TaskReport;
    expect(report.task.state).toBe('accepted');
    expect(types(report).filter((type) => type === 'verdict-reached')).toHaveLength(1);
    expect(cli('down').code).toBe(0);
  });

  it('detaches, is cancelled within two seconds, and leaves no process', async () => {
    addToy('endless', ['sleep 600.125']);
    const { task, left } = json<RunOutput>('run', 'x', '--agent', 'endless', '--detach');
    expect(left).toBe('detached');
    const show = (): TaskReport => json<TaskReport>('task', 'show', task.id);
    await expect.poll(() => types(show()).at(-1), { timeout: 20_000, interval: 300 }).toBe('plan-proposed');
    expect(json<{ workers: unknown[] }>('status').workers).toHaveLength(1);
    const began = performance.now();
    expect(json<TaskReport>('task', 'cancel', task.id).task.state).toBe('cancelled');
    const sleeping = (): number => processNumbers().filter((pid) => commandOf(pid).includes('600.125')).length;
    await expect.poll(sleeping, { timeout: 5000, interval: 50 }).toBe(0);
    expect(performance.now() - began).toBeLessThan(4000);
    expect(cli('task', 'cancel', task.id).code).toBe(0);
    expect(cli('down').code).toBe(0);
    await expect.poll(() => liveWith(world.home).length, { timeout: 10_000 }).toBe(0);
  });

  it('an open task under one dedup key is one task', async () => {
    const first = json<RunOutput>('run', 'x', '--agent', 'endless', '--dedup-key', 'k', '--detach');
    const second = json<RunOutput>('run', 'x', '--agent', 'endless', '--dedup-key', 'k', '--detach');
    expect(second).toMatchObject({ created: false, task: { id: first.task.id } });
    json('task', 'cancel', first.task.id);
    cli('down');
  });
});

describe('arbiter run, asked wrongly', () => {
  it.each([
    [['run', 'x', '--agent', 'nobody'], 4, 'nobody is not among the agents'],
    [['run', 'x', '--spec', 'NO-001', '--agent', 'honest'], 1, 'NO-001'],
    [['run', 'x', '--budget-usd', 'much'], 3, 'it is no number'],
    [['run', 'x', '--candidates', '99'], 3, 'candidates'],
    [['run', ' '], 3, 'words'],
    [['run', 'x', '--base', 'no-such-branch', '--agent', 'honest'], 1, 'no-such-branch'],
    [['task', 'show', 'ZZZZ'], 3, 'ZZZZ'],
    [['agents', 'check', 'nobody'], 3, 'nobody'],
    [['agents', 'remove', 'nobody'], 3, 'nobody'],
    [['agents', 'add', 'x', '--kind', 'replay'], 3, 'needs a file'],
    [['db', 'restore', '/no/such/file'], 3, '/no/such/file'],
  ] as const)('%j: exit %i, and says what was wrong', (argv, code, words) => {
    const run = cli(...argv);
    expect([run.code, `${run.out}${run.err}`]).toEqual([code, expect.stringContaining(words)]);
  });

  it('outside of a repository nothing is stored', () => {
    const run = arbiter(['run', 'x'], { home: world.home, cwd: world.home });
    expect(run.code).toBe(3);
    expect(run.err).toContain('repository');
  });
});

describe('arbiter agents', () => {
  it('check really asks for an edit, and says what it saw', () => {
    addToy('greeter', [`echo 'hello, arbiter' > notes/greeting.txt`]);
    const works = cli('agents', 'check', 'greeter');
    expect([works.code, works.out]).toEqual([0, expect.stringContaining('made the edit that it was asked for')]);
    const idle = cli('agents', 'check', 'idle');
    expect([idle.code, idle.out]).toEqual([1, expect.stringContaining('ended without an edit')]);
  });

  it('an agent without its program says so, and is passed over', () => {
    expect(cli('agents', 'add', 'gone', '--command', '/no/such/agent', '{prompt}').out).toMatch(/lacks|no such|not/i);
    const report = json<RunOutput>('run', 'x', '--agent', 'gone', 'honest');
    expect(report.task).toMatchObject({ state: 'accepted', ladder: ['honest'] });
    expect(cli('agents', 'remove', 'gone').code).toBe(0);
  });
});

describe('arbiter task record', () => {
  it('writes what an agent did, and a replay agent does it again', () => {
    const [task] = json<{ tasks: TaskReport['task'][] }>('task', 'list', '--state', 'accepted', '--limit', '1').tasks;
    const file = join(world.home, 'honest.recording.json');
    expect(cli('task', 'record', task?.id ?? '', '--out', file).code).toBe(0);
    expect(cli('agents', 'add', 'again', '--kind', 'replay', '--file', file).code).toBe(0);
    const report = json<RunOutput>('run', 'x', '--agent', 'again', '--base', repository.base);
    expect(report.task.state).toBe('accepted');
    expect(cli('task', 'record', task?.id ?? '', '--out', file).code).toBe(3);
  });
});

describe('arbiter db', () => {
  it('a backup restored elsewhere gives the same tasks and counts', () => {
    const file = join(world.home, 'backup.gz');
    const rows = (home: string): unknown =>
      JSON.parse(arbiter(['db', 'status', '--json'], { home, cwd: '/' }).out).rows;
    const before = json<{ rows: Record<string, number> }>('db', 'backup', file).rows;
    expect(before['tasks']).toBeGreaterThan(5);
    const elsewhere = createWorld();
    try {
      const restored = arbiter(['db', 'restore', file, '--json'], { home: elsewhere.home, cwd: '/' });
      expect(restored.code).toBe(0);
      expect(JSON.parse(restored.out).rows).toEqual(before);
      expect(rows(elsewhere.home)).toMatchObject({ tasks: before['tasks'], task_events: before['task_events'] });
      expect(arbiter(['db', 'restore', file], { home: elsewhere.home, cwd: '/' }).code).toBe(3);
      const id = json<{ tasks: TaskReport['task'][] }>('task', 'list', '--limit', '1').tasks[0]?.id ?? '';
      const there = arbiter(['task', 'show', id, '--json'], { home: elsewhere.home, cwd: '/' });
      expect(JSON.parse(there.out)).toEqual(json('task', 'show', id));
    } finally {
      void elsewhere.close();
    }
    expect(existsSync(file)).toBe(true);
  });

  it('a database that does not answer is named, without its password', () => {
    const env = { DATABASE_URL: 'postgresql://somebody:secret@127.0.0.1:1/none' };
    const run = arbiter(['task', 'list'], { home: world.home, cwd: '/', env });
    expect(run.code).toBe(4);
    expect(run.err).toContain('127.0.0.1');
    expect(run.err).not.toContain('secret');
  });
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
