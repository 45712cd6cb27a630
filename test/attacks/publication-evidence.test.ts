import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGround, type Ground } from './publication-world.js';

let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());

let edition = 1;
const fresh = (): Record<string, string> => ({
  'src/postage.js': `// new\nexport const postage = ${(edition += 1)};\n`,
});
const noteOn = (commit: string): string => ground.ask('notes', '--ref=ai', 'show', commit);
const traceOf = (commit: string): unknown =>
  JSON.parse(ground.ask('cat-file', '-p', `refs/caws/ledger:traces/${commit}.json`));

async function land(): Promise<{ readonly commit: string; readonly id: string; readonly folder: string }> {
  const folder = await ground.judge(fresh());
  const { commit, verdict_id: id } = await ground.publish(folder);
  return { commit: commit ?? '', id, folder };
}

describe('what other tools are told of a published commit', () => {
  it('is who added which lines: as a git note, and as a trace on the record', async () => {
    const { commit, id } = await land();
    expect(noteOn(commit)).toMatch(/^src\/postage\.js\n {2}s_[0-9a-f]{14}::t_[0-9a-f]{14} 1-2\n---\n\{/);
    expect(noteOn(commit)).toContain('"schema_version": "authorship/3.0.0"');
    expect(traceOf(commit)).toMatchObject({
      version: '0.1.0',
      vcs: { type: 'git', revision: commit },
      tool: { name: 'coding-agent', version: '1.0' },
      files: [
        {
          path: 'src/postage.js',
          conversations: [{ contributor: { type: 'ai', model_id: 'm' }, ranges: [{ start_line: 1, end_line: 2 }] }],
        },
      ],
      metadata: { caws: { verdict_id: id } },
    });
  });

  it('is told once, and never instead of what somebody else has noted', async () => {
    const { commit, folder } = await land();
    const tip = ground.ask('rev-parse', 'refs/notes/ai');
    expect(await ground.publish(folder)).toMatchObject({ changed: false });
    expect(ground.ask('rev-parse', 'refs/notes/ai')).toBe(tip);
    ground.ask('notes', '--ref=ai', 'add', '-f', '-m', 'theirs', commit);
    expect(await ground.publish(folder)).toMatchObject({ changed: false });
    expect(noteOn(commit)).toBe('theirs\n');
  });

  it('stands beside the notes of others, and is put back where it was lost', async () => {
    ground.ask('notes', '--ref=ai', 'add', '-m', 'on the base', ground.base);
    const { commit, folder } = await land();
    expect(noteOn(ground.base)).toBe('on the base\n');
    ground.ask('notes', '--ref=ai', 'remove', commit);
    expect(await ground.publish(folder)).toMatchObject({ changed: true, commit });
    expect(noteOn(commit)).toContain('authorship/3.0.0');
  });

  it('never keeps a change from landing: a ref that holds no notes is left as it is', async () => {
    const before = ground.ask('rev-parse', 'refs/notes/ai').trim();
    const blob = ground.ask('hash-object', '-w', '/dev/null').trim();
    ground.ask('update-ref', 'refs/notes/ai', blob);
    const { commit } = await land();
    expect(ground.ask('rev-parse', 'refs/notes/ai').trim()).toBe(blob);
    expect(traceOf(commit)).toMatchObject({ version: '0.1.0' });
    ground.ask('update-ref', 'refs/notes/ai', before);
  });

  it('is nothing where the verdict names no worker', async () => {
    const folder = await ground.judge(fresh(), { edit: (verdict) => ({ ...verdict, worker: null }) });
    const { commit } = await ground.publish(folder);
    expect(ground.git('notes', '--ref=ai', 'show', commit ?? '').code).not.toBe(0);
    expect(ground.git('cat-file', '-e', `refs/caws/ledger:traces/${commit}.json`).code).not.toBe(0);
  });

  it('is no authority: without it, and with a lie in its place, the commit verifies as before', async () => {
    const { commit } = await land();
    ground.ask('notes', '--ref=ai', 'add', '-f', '-m', 'somebody-else', commit);
    const { verifyRange } = await import('../../src/app/verify-range/verify-range.js');
    const asked = verifyRange.input.parse({ repository: ground.clone, range: `${ground.base}..${commit}` });
    expect(await verifyRange.run(ground.ports, asked, ground.world.context)).toMatchObject({ verified: true });
  });
});
