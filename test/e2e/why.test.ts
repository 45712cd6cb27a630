import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { why } from '../../src/app/why/why.js';
import type { Origin, WhyReport } from '../../src/core/caws/publication/why-report.js';
import type { Verdict } from '../../src/core/caws/verdict/verdict.js';
import { type ChangedFiles, createGround, type Ground } from '../attacks/publication-world.js';
import { arbiter } from './cli.js';

// A history of every kind: before Arbiter, two verdicts (the second by waiver, with a rename), a person's governance,
// a copied trailer, and a commit that nobody judged.
const line = (number: number): string => `export const line${number} = 'the content of line number ${number}';\n`;
const text = (to: number): string => Array.from({ length: to }, (_, index) => line(index + 1)).join('');
const waiver = 'WV-0007';

let ground: Ground;
let made: { first: string; human: string; second: string; forged: string; plain: string };

beforeAll(async () => {
  ground = await createGround();
  const land = async (base: string, files: ChangedFiles, more: Parameters<Ground['judge']>[1] = {}) => {
    ground.ask('update-ref', 'refs/heads/main', base);
    const { commit } = await ground.publish(await ground.judge(files, { base, logged: true, ...more }));
    return commit ?? '';
  };
  const start = 'export const postage = 1;\n';
  const first = await land(ground.base, { 'src/postage.js': start + text(3) });
  const key = ground.humanKeyFile;
  const human = ground.commit('govern', { '.caws/note.yaml': 'a: 1\n' }, { on: first, key });
  const second = await land(human, { 'src/postage.js': null, 'src/price.js': start + text(4) }, { edit: byWaiver });
  const message = ground.ask('log', '-1', '--format=%B', first).trim();
  const forged = ground.commit(message, { 'src/price.js': start + text(5) }, { on: second });
  const plain = ground.commit('by hand', { 'src/price.js': start + text(6), logo: 'a\0b' }, { on: forged, key });
  ground.ask('update-ref', 'refs/heads/main', plain);
  ground.ask('switch', '-q', 'main');
  made = { first, human, second, forged, plain };
});
afterAll(() => ground.close());

function byWaiver(verdict: Verdict): Verdict {
  const waived = {
    rule: 'budget.lines',
    clause: 'Article 7',
    severity: 'waivable' as const,
    path: null,
    line: null,
    message: 'too long',
    why: 'because',
    mend: 'shorten it',
    waived_by: waiver,
  };
  const leaned = {
    id: waiver,
    sha256: 'd'.repeat(64),
    approver_key_id: 'SHA256:alice',
    expires: '2026-12-01T00:00:00.000Z',
    consumed_by: verdict.verdict_id,
    single_use: 'enforced' as const,
  };
  return { ...verdict, findings: [waived], waivers: [leaned] };
}

function ask(target: string, more: { at?: string } = {}): Promise<WhyReport> {
  return why.run(ground.ports, why.input.parse({ repository: ground.clone, target, ...more }), ground.world.context);
}
const originAt = async (number: number): Promise<Origin | undefined> =>
  (await ask(`src/price.js:${number}`)).origins[0];

describe('arbiter why', () => {
  it('groups a whole file by what its lines stand on, through a rename', async () => {
    const { origins, total, file, notes } = await ask('src/price.js');
    expect([file, total, notes]).toEqual(['src/price.js', 7, []]);
    expect(origins.map(({ lines, state, commit }) => [lines[0]?.from, lines[0]?.to, state, commit])).toEqual([
      [1, 1, 'before-arbiter', expect.any(String)],
      [2, 4, 'verdict', made.first],
      [5, 5, 'verdict', made.second],
      [6, 6, 'forged', made.forged],
      [7, 7, 'uncovered', made.plain],
    ]);
    expect(origins[1]?.path).toBe('src/postage.js');
  });

  it('tells spec, agent, model, gates and the place in the ledger of a verdict that covers the line', async () => {
    const origin = await originAt(2);
    expect(origin).toMatchObject({ headline: 'judged PASS, made by coding-agent with m', refusal: null });
    expect(origin?.verdict).toMatchObject({
      trust: 'enforcing',
      signer: 'arbiter',
      spec: { id: 'PROJ-1', risk_tier: 2 },
      worker: { agent: 'coding-agent', model: 'm' },
      gates: [{ name: 'tests', outcome: 'pass', executed_count: 12 }],
      waivers: [],
      ledger: { index: 0, vouched: true },
    });
  });

  it('names the waiver that a verdict leans on, and what it lifted', async () => {
    expect((await originAt(5))?.verdict?.waivers).toEqual([
      { id: waiver, approver_key_id: 'SHA256:alice', lifted: ['budget.lines'] },
    ]);
  });

  it('believes no trailer: a copied one is named as forged, and tells nothing of its verdict', async () => {
    const origin = await originAt(6);
    expect(origin).toMatchObject({ state: 'forged', verdict: null, refusal: { reason: 'other-tree' } });
    expect(origin?.headline).toMatch(/^FORGED: it names a verdict that is not its own/);
  });

  it('names a person’s commit: covered for governance, not for product code', async () => {
    expect((await ask('.caws/note.yaml:1')).origins).toMatchObject([
      { state: 'human', headline: 'signed by ada@example.org, governance', commit: made.human },
    ]);
    expect(await originAt(7)).toMatchObject({
      state: 'uncovered',
      signed_by: 'ada@example.org',
      refusal: { reason: 'unjudged' },
    });
  });

  it('says that the work tree differs, and keeps to the commit', async () => {
    const file = join(ground.clone, 'src/price.js');
    writeFileSync(file, 'changed\n');
    const { notes, total } = await ask('src/price.js');
    expect([notes[0], total]).toEqual([expect.stringMatching(/differs from HEAD/), 7]);
    expect((await ask('src/postage.js:1', { at: made.first })).notes).toEqual([]);
    ground.ask('checkout', '-q', '--', 'src/price.js');
  });

  it.each<[string, { at?: string }, object]>([
    ['src/none.js', {}, { code: 'WHY_FILE_UNKNOWN' }],
    ['../outside.js', {}, { code: 'WHY_FILE_UNKNOWN' }],
    ['/etc/hostname', {}, { code: 'WHY_FILE_UNKNOWN' }],
    ['src/price.js:8', {}, { code: 'WHY_LINE_OUT_OF_RANGE', message: expect.stringContaining('has 7 lines') }],
    ['src/price.js:0', {}, { code: 'WHY_LINE_OUT_OF_RANGE' }],
    ['src/price.js:3-2', {}, { code: 'WHY_LINE_OUT_OF_RANGE' }],
    ['src/price.js:x', {}, { code: 'WHY_FILE_UNKNOWN' }],
    ['logo', {}, { code: 'WHY_FILE_BINARY' }],
    ['src', {}, { code: 'GIT_FAILED' }],
    ['src/price.js', { at: 'nowhere' }, { code: 'UNKNOWN_REVISION' }],
  ])('%s %j is refused with what to do', async (target, more, fault) => {
    await expect(ask(target, more)).rejects.toMatchObject({ mend: expect.stringMatching(/\w/), ...fault });
  });
});

describe('a hostile repository', () => {
  it('runs nothing and changes no answer by its configuration, attributes, ignore list or replace refs', async () => {
    const honest = await ask('src/price.js');
    const marker = join(ground.world.home, 'ran');
    const run = `touch ${marker}; cat`;
    ground.ask('config', 'diff.evil.textconv', run);
    ground.ask('config', 'filter.evil.smudge', run);
    ground.ask('config', 'filter.evil.clean', run);
    ground.ask('config', 'core.fsmonitor', run);
    ground.ask('config', 'blame.ignoreRevsFile', join(ground.world.home, 'ignored'));
    writeFileSync(join(ground.world.home, 'ignored'), `${made.forged}\n`);
    writeFileSync(join(ground.clone, '.git/info/attributes'), '* diff=evil filter=evil\n');
    ground.ask('replace', made.forged, made.second);
    expect(await ask('src/price.js')).toEqual(honest);
    expect(existsSync(marker)).toBe(false);
    ground.ask('replace', '-d', made.forged);
    for (const section of ['diff.evil', 'filter.evil', 'blame']) ground.ask('config', '--remove-section', section);
    ground.ask('config', '--unset', 'core.fsmonitor');
    writeFileSync(join(ground.clone, '.git/info/attributes'), '');
  });
});

describe('arbiter why, on the command line', () => {
  const cli = (...argv: string[]) => arbiter(['why', ...argv], { cwd: ground.clone, home: ground.world.home });

  it('reads in ten seconds', () => {
    const { code, out } = cli('src/price.js');
    expect(code).toBe(0);
    expect(out).toMatch(/^src\/price\.js at [0-9a-f]{12}\n/);
    expect(out).toMatch(/lines 2-4: judged PASS, made by coding-agent with m\n {2}commit /);
    expect(out).toMatch(/ {2}the file was src\/postage\.js there/);
    expect(out).toMatch(/ {2}waiver WV-0007 for budget\.lines, approved by SHA256:alice/);
    expect(out).toMatch(/ {2}ledger arbiter\/[0-9a-f]+#0, proven under the log’s key/);
    expect(out).toMatch(/line 6: FORGED: /);
    expect(out.split('\n').length).toBeLessThan(50);
  });

  it('gives the same as JSON, and exit code 3 for what cannot be asked', async () => {
    const { out } = cli('src/price.js:6', '--json');
    expect(JSON.parse(out)).toEqual(await ask('src/price.js:6'));
    expect(cli('src/price.js:99')).toMatchObject({ code: 3, err: expect.stringContaining('has 7 lines') });
  });

  it('says how to fetch a record that is not here, and cannot judge a shallow clone', () => {
    const far = join(ground.world.home, 'far');
    ground.ask('clone', '-q', '--branch', 'main', `file://${ground.clone}`, far);
    const bare = arbiter(['why', 'src/price.js:2'], { cwd: far, home: ground.world.home });
    expect(bare.out).toMatch(/not proven: it names a verdict that cannot be checked here/);
    expect(bare.out).toContain('git fetch origin refs/caws/ledger:refs/caws/ledger');
    ground.ask('-C', far, 'fetch', '-q', 'origin', 'refs/caws/ledger:refs/caws/ledger');
    const fetched = arbiter(['why', 'src/price.js:2'], { cwd: far, home: ground.world.home });
    expect(fetched.out).toContain('judged PASS');
    const shallow = join(ground.world.home, 'shallow');
    ground.ask('clone', '-q', '--depth', '1', '--branch', 'main', `file://${ground.clone}`, shallow);
    const refused = arbiter(['why', 'src/price.js:2'], { cwd: shallow, home: ground.world.home });
    expect(refused).toMatchObject({ code: expect.any(Number), err: expect.stringContaining('--unshallow') });
    expect(refused.code).not.toBe(0);
  });
});
