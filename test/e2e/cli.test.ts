import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultTable } from '../../src/app/fault-table.js';
import { operations } from '../../src/app/operations.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { commandSurfaces } from '../../src/surfaces/cli/commands/index.js';
import { createProgram } from '../../src/surfaces/cli/program.js';
import { arbiter, main } from './cli.js';
import { type World, createWorld, governed, product } from './world.js';

const world: World = createWorld();
let repository: ScratchRepository & { readonly base: string };
beforeAll(async () => {
  repository = await governed(world);
});
afterAll(() => world.close());

const run = (argv: readonly string[], cwd = repository.directory) => arbiter(argv, { home: world.home, cwd });
const git = (...argv: string[]): string =>
  execFileSync('git', ['-C', repository.directory, ...argv], { encoding: 'utf8' });

describe('the operations table', () => {
  const commands = (): string[] => {
    const names: string[] = [];
    const walk = (command: ReturnType<typeof createProgram>, above: string): void => {
      for (const child of command.commands) {
        const name = `${above} ${child.name()}`.trim();
        if (child.commands.length === 0) names.push(name);
        else walk(child, name);
      }
    };
    walk(
      createProgram('0', () => Promise.resolve()),
      '',
    );
    return names.sort();
  };

  it('is the command line, operation by operation', async () => {
    const names = Object.values(operations).map((operation) => operation.name);
    const asked: string[] = [];
    const program = createProgram('0', async (name) => void asked.push(name));
    await program.parseAsync(['demo', '--routing'], { from: 'user' });
    // The one operation whose door is an option of another's.
    expect(asked).toEqual(['demo routing']);
    expect([...commands(), ...asked].sort()).toEqual([...names].sort());
    expect(Object.keys(commandSurfaces).sort()).toEqual([...names].sort());
  });

  it('gives every fault code an exit code that is documented', () => {
    for (const face of Object.values(faultTable)) expect([3, 4]).toContain(face.exit);
  });
});

describe('arbiter measure', () => {
  it('counts as git does, and prints the four keys', async () => {
    await repository.branch('measured', repository.base);
    writeFileSync(join(repository.directory, 'src/postage.js'), `${product['src/postage.js'] ?? ''}// more\n`);
    writeFileSync(join(repository.directory, 'src/new file\t"q".js'), 'one\ntwo\n');
    const result = run(['measure', '--json']);
    expect(result).toMatchObject({ code: 0, err: '' });
    const json = JSON.parse(result.out) as { files: unknown[] };
    expect(Object.keys(json)).toEqual(['base', 'tree', 'files', 'totals']);
    expect(json).toMatchObject({
      base: repository.base,
      files: [
        {
          status: 'A',
          oldPath: null,
          newPath: 'src/new file\t"q".js',
          added: 2,
          removed: 0,
          binary: false,
          oldMode: null,
          newMode: '100644',
        },
        { status: 'M', newPath: 'src/postage.js', added: 1, removed: 0 },
      ],
      totals: { files: 2, added: 3, removed: 0, loc: 3 },
    });
    expect(git('status', '--porcelain')).toContain('?? "src/new file\\t\\"q\\".js"');
    git('clean', '-fdq');
    git('checkout', '-q', '.');
  });

  it('says it for people, with control characters made visible', async () => {
    await repository.branch('odd', repository.base);
    writeFileSync(join(repository.directory, 'src/\u001B[31mred.js'), 'x\n');
    const result = run(['measure']);
    expect(result.out).toContain('src/\\u001b[31mred.js');
    expect(result.out).toContain('1 file, 1 added, 0 removed');
    git('clean', '-fdq');
  });
});

describe('arbiter examine', () => {
  it('is useful in a repository without CAWS', async () => {
    const plain = await world.repository(product);
    const tests = (product['test/postage.test.js'] ?? '').replace(
      "it('charges a parcel'",
      "it.skip('charges a parcel'",
    );
    writeFileSync(join(plain.directory, 'test/postage.test.js'), tests);
    mkdirSync(join(plain.directory, '.github/workflows'), { recursive: true });
    writeFileSync(join(plain.directory, '.github/workflows/ci.yml'), 'on: push\n');
    const result = run(['examine', '--json'], plain.directory);
    expect(result.code).toBe(1);
    const json = JSON.parse(result.out) as { findings: { rule: string }[] };
    expect(Object.keys(json)).toEqual(['base', 'tree', 'files', 'totals', 'findings']);
    expect(json.findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['D2', 'path.protected']));
    const shown = run(['examine'], plain.directory);
    expect(shown.out).toMatch(/BLOCK.*path\.protected/);
    expect(shown.out).toMatch(/mend:/);
  });

  it('works in a shallow clone, where a verdict says what is missing', async () => {
    await repository.branch('deep', repository.base);
    await repository.commit('one more', { 'src/one.js': 'export const one = 1;\n' });
    const shallow = join(world.home, 'shallow');
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${repository.directory}`, shallow], {
      stdio: 'ignore',
    });
    writeFileSync(join(shallow, 'src/two.js'), 'export const two = 2;\n');
    expect(run(['examine', '--json'], shallow)).toMatchObject({ code: 0, err: '' });
    const refused = run(['adjudicate'], shallow);
    expect(refused.code).toBe(4);
    expect(refused.err).toMatch(/unshallow/);
  });

  it('exits 0 on a clean change, 2 on one that needs a waiver', async () => {
    await repository.branch('examined', repository.base);
    writeFileSync(join(repository.directory, 'src/more.js'), 'export const more = 1;\n');
    expect(run(['examine']).code).toBe(0);
    writeFileSync(join(repository.directory, 'outside.txt'), 'outside\n');
    const result = run(['examine', '--spec', 'POST-001']);
    expect(result.code).toBe(2);
    expect(result.out).toContain('scope.violation');
    git('clean', '-fdq');
  });
});

describe('arbiter init', () => {
  it('writes policy, configuration and keyring, keeps keys outside, never overwrites, and says what is next', async () => {
    const fresh = await world.repository(product);
    const first = run(['init'], fresh.directory);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/stack node:test/);
    expect(first.out).toMatch(/arbiter spec new/);
    expect(statSync(join(world.home, '.config/arbiter/keys/verdict')).mode & 0o777).toBe(0o600);
    const config = readFileSync(join(fresh.directory, '.caws/arbiter.yaml'), 'utf8');
    expect(config).toContain('"--test-reporter=junit"');
    writeFileSync(join(fresh.directory, '.caws/policy.yaml'), 'mine\n');
    const second = run(['init', '--json'], fresh.directory);
    expect(JSON.parse(second.out)).toMatchObject({ kept: expect.arrayContaining(['.caws/policy.yaml']) as unknown });
    expect(readFileSync(join(fresh.directory, '.caws/policy.yaml'), 'utf8')).toBe('mine\n');
  });

  it('says so where no stack is recognised', async () => {
    const bare = await world.repository({ 'README.md': 'nothing\n' });
    expect(run(['init'], bare.directory).out).toMatch(/no stack/);
  });
});

describe('arbiter spec and policy', () => {
  it('writes a spec that both dialects take, and checks it', () => {
    const flags = ['--id', 'PAY-001', '--title', 'Pay by card', '--in', 'src', '--invariant', 'no double charge'];
    const made = run(['spec', 'new', ...flags, '--accept', 'a card | it is charged | it is charged once']);
    expect(made).toMatchObject({ code: 0 });
    expect(existsSync(join(repository.directory, '.caws/specs/PAY-001.yaml'))).toBe(true);
    for (const dialect of ['B', 'C']) {
      const checked = run(['spec', 'check', '.caws/specs/PAY-001.yaml', '--dialect', dialect, '--json']);
      expect(JSON.parse(checked.out)).toMatchObject([
        { file: '.caws/specs/PAY-001.yaml', dialect, valid: true, errors: [] },
      ]);
      expect(checked.code).toBe(0);
    }
    expect(run(['spec', 'new', ...flags, '--accept', 'a|b|c']).code).toBe(3);
    git('clean', '-fdq');
  });

  it('says what is wrong, where, and how to mend it', () => {
    writeFileSync(
      join(world.home, 'bad.yaml'),
      'id: x\ntitle: A title\nrisk_tier: 9\nmode: fix\nscope:\n  in: [src]\n',
    );
    const result = run(['spec', 'check', join(world.home, 'bad.yaml'), '--dialect', 'C']);
    expect(result.code).toBe(1);
    expect(result.out).toMatch(/bad\.yaml:3:\d+: error/);
    expect(run(['spec', 'check', join(world.home, 'none.yaml')]).code).toBe(3);
  });

  it('checks the policy of the repository', () => {
    expect(run(['policy', 'check'])).toMatchObject({ code: 0 });
  });
});

describe('arbiter gates', () => {
  it('lists the gates of the base', () => {
    const result = run(['gates', 'list']);
    expect(result.code).toBe(0);
    expect(result.out).toMatch(/tests\s+tests\s+mandatory/);
    expect(result.out).toMatch(/sandbox: none/);
  });

  it('plants a canary for each and sees red', () => {
    const result = run(['gates', 'check']);
    expect(result.out).toMatch(/alive\s+tests/);
    expect(result.code).toBe(0);
  });

  it('says so where there are none', async () => {
    const plain = await world.repository(product);
    expect(run(['gates', 'check'], plain.directory)).toMatchObject({ code: 3 });
    expect(run(['gates', 'list'], plain.directory).out).toMatch(/no gates/);
  });
});

describe('the command line itself', () => {
  it('shows help, version and where to begin', () => {
    expect(run(['--help'])).toMatchObject({ code: 0 });
    expect(run(['--help']).out).toMatch(/Exit codes: 0 PASS/);
    expect(run(['--version']).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run([]).code).toBe(3);
  });

  // A reader that leaves must not turn a verdict into another one.
  it.each(['1>&-', '2>&-', '| true', '2>&1 | true'])('keeps its exit code with %s', async (redirection) => {
    await repository.branch('unread', repository.base);
    writeFileSync(join(repository.directory, 'outside.txt'), 'outside\n');
    const command = `set -o pipefail; "$0" "$1" examine --spec POST-001 ${redirection}`;
    const ended = spawnSync('bash', ['-c', command, process.execPath, main], {
      cwd: repository.directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: world.home },
      encoding: 'utf8',
    });
    git('clean', '-fdq');
    expect({ code: ended.status, err: ended.stderr }).toMatchObject({ code: 2 });
  });

  it('tells progress in plain lines when it is no terminal', () => {
    expect(run(['measure']).err).toBe('measure: sealing the candidate\n');
  });
});
