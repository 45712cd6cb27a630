import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { landingSteps } from '../../src/ports/git.js';
import { createGround, type Ground } from './publication-world.js';

let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());

let edition = 1;
const fresh = (): Record<string, string> => ({ 'src/postage.js': `export const postage = ${(edition += 1)};\n` });
const ref = (name: string): string => ground.git('rev-parse', '--verify', '-q', name).out.trim();
const commitsOf = (verdict: string): string[] =>
  ground
    .ask('ls-tree', '-r', 'refs/caws/ledger', 'commits')
    .split('\n')
    .filter((line) => line !== '' && ground.ask('cat-file', '-p', line.split(/[ \t]/)[2] ?? '').trim() === verdict);

function publishInProcess(folder: string, mode: string, step: string) {
  const script = fileURLToPath(new URL('./publish-process.ts', import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', HOME: ground.world.home };
  return spawnSync(process.execPath, ['--import', 'tsx', script, ground.clone, folder, mode, step], {
    env,
    encoding: 'utf8',
  });
}

describe('a published commit', () => {
  it('holds the judged tree on the judged base, names its verdict, and is signed as git itself verifies', async () => {
    const { commit, verdict_id: id, pull_request: request } = await ground.publish(await ground.judge(fresh()));
    const shown = ground.ask('log', '-1', '--format=%P%n%s%n%(trailers)', commit ?? '');
    expect(shown.split('\n').slice(0, 2)).toEqual([ground.base, 'PROJ-1: Fix the sum']);
    expect(shown).toContain(`CAWS-VERDICT-ID: ${id}`);
    expect(shown).toMatch(/CAWS-Verdict-SHA256: [0-9a-f]{64}/);
    expect(shown).toContain('Assisted-by: coding-agent:m');
    expect(request?.body).toContain(`arbiter verify ${ground.base}..${commit}`);
    const recorded = ground.ask('ls-tree', '-r', '--name-only', 'refs/caws/ledger', `verdicts/${id}/`);
    expect(recorded.trim().split('\n')).toEqual(
      ['change.diff', 'verdict.yaml', 'verdict.yaml.sig'].map((name) => `verdicts/${id}/${name}`),
    );
    expect(ground.ask('cat-file', '-p', `refs/caws/ledger:commits/${commit}`)).toBe(`${id}\n`);

    const trust = ['-c', `gpg.ssh.allowedSignersFile=${ground.clone}/.caws/keys/allowed_signers`];
    for (const made of [commit ?? '', ref('refs/caws/ledger')])
      expect(ground.git(...trust, 'verify-commit', made)).toMatchObject({ code: 0 });
    const changed = ground.ask('cat-file', 'commit', commit ?? '').replace('Fix the sum', 'Fix the sun');
    writeFileSync(join(ground.world.home, 'changed'), changed);
    const forged = ground.ask('hash-object', '-t', 'commit', '-w', join(ground.world.home, 'changed')).trim();
    expect(ground.git(...trust, 'verify-commit', forged).code).not.toBe(0);
  });

  it('is made once: again it is found, in every mode', async () => {
    const folder = await ground.judge(fresh());
    const none = await ground.publish(folder, { mode: 'none' });
    expect(none).toMatchObject({ mode: 'none', commit: null, ref: null, changed: true });
    expect(commitsOf(none.verdict_id)).toHaveLength(0);
    const first = await ground.publish(folder);
    expect(first).toMatchObject({ mode: 'branch', ref: `refs/heads/arbiter/${first.verdict_id}`, changed: true });
    const again = await ground.publish(folder);
    expect(again).toEqual({ ...first, changed: false });
    expect(await ground.publish(folder, { mode: 'none' })).toMatchObject({ changed: false });
    expect(commitsOf(first.verdict_id)).toHaveLength(1);
  });

  it('is recorded though others publish at the same time', async () => {
    const folders = [await ground.judge(fresh()), await ground.judge(fresh()), await ground.judge(fresh())];
    const landed = await Promise.all(folders.map((folder) => ground.publish(folder)));
    for (const { verdict_id: id, commit } of landed) {
      expect(ground.ask('cat-file', '-p', `refs/caws/ledger:commits/${commit}`)).toBe(`${id}\n`);
    }
  });
});

describe('direct publication', () => {
  it('moves the protected branch, and a base that has moved is refused with what to do', async () => {
    const [one, two] = [await ground.judge(fresh()), await ground.judge(fresh())];
    const landed = await ground.publish(one, { mode: 'direct' });
    expect(ref('refs/heads/main')).toBe(landed.commit);
    for (const mode of ['direct', 'branch'] as const) {
      await expect(ground.publish(two, { mode })).rejects.toMatchObject({
        code: 'BASE_MOVED',
        mend: expect.stringMatching(/--reexamine judges the change again on the new base/) as string,
      });
    }
    expect(ref('refs/heads/main')).toBe(landed.commit);
    expect(await ground.publish(one, { mode: 'direct' })).toMatchObject({ changed: false });
    ground.ask('update-ref', 'refs/heads/main', ground.base);
  });

  it('never moves a branch under somebody’s work tree', async () => {
    const folder = await ground.judge(fresh());
    ground.ask('switch', '-q', 'main');
    await expect(ground.publish(folder, { mode: 'direct' })).rejects.toMatchObject({
      code: 'BRANCH_CHECKED_OUT',
      mend: expect.stringMatching(/git switch --detach/) as string,
    });
    expect(ref('refs/heads/main')).toBe(ground.base);
    ground.ask('switch', '-q', '--detach', ground.base);
    expect(await ground.publish(folder, { mode: 'direct' })).toMatchObject({ changed: true });
    ground.ask('update-ref', 'refs/heads/main', ground.base);
  });

  it('leaves a branch alone that somebody else has made under the task’s name', async () => {
    const folder = await ground.judge(fresh());
    const { verdict_id: id } = await ground.publish(folder, { mode: 'none' });
    ground.ask('update-ref', `refs/heads/arbiter/${id}`, ground.base);
    await expect(ground.publish(folder)).rejects.toMatchObject({ code: 'REF_MOVED' });
    expect(ref(`refs/heads/arbiter/${id}`)).toBe(ground.base);
  });
});

describe('kill -9 between the steps of a landing', () => {
  const rounds = landingSteps.flatMap((step) => ['branch', 'direct'].map((mode) => ({ step, mode })));
  it.each(rounds)('at $step, $mode: one commit and one record when it is done again', async ({ step, mode }) => {
    const folder = await ground.judge(fresh());
    const killed = publishInProcess(folder, mode, step);
    expect(killed).toMatchObject({ signal: 'SIGKILL' });
    const done = publishInProcess(folder, mode, 'never');
    expect(done).toMatchObject({ status: 0 });
    const landed = JSON.parse(done.stdout) as { commit: string; ref: string; verdict_id: string; changed: boolean };
    expect(landed.changed).toBe(step !== 'refs-set');
    expect(ref(landed.ref)).toBe(landed.commit);
    expect(ground.ask('rev-list', '--count', `${ground.base}..${landed.ref}`).trim()).toBe('1');
    expect(commitsOf(landed.verdict_id)).toHaveLength(1);
    const entries = ground.ask('log', '--format=%s', 'refs/caws/ledger').split('\n');
    expect(entries.filter((subject) => subject === `verdict ${landed.verdict_id}`)).toHaveLength(1);
    ground.ask('update-ref', 'refs/heads/main', ground.base);
  });
});
