import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publish } from '../../../src/app/adjudicate/publish/publish.js';
import type { Ports } from '../../../src/ports/ports.js';
import { arbiter } from '../../e2e/cli.js';
import { createGround, type Ground } from '../publication-world.js';

// Nobody here can afford a collision of SHA-1. One is stood in for by a machine on which the very same ids stood for
// another content: there the change was judged and published.
let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());
beforeEach(() => {
  ground.onServer('update-ref', 'refs/heads/main', ground.base);
  for (const side of [ground.onServer, ground.ask]) side('update-ref', '-d', 'refs/caws/ledger');
});

const evil = 'export const postage = 0; // and nobody judged it\n';

/** Puts bytes under the id of others, as whoever can write the folder may. */
function collide(store: string, id: string, text: string): void {
  const path = join(store, id.slice(0, 2), id.slice(2));
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, deflateSync(Buffer.from(`blob ${Buffer.byteLength(text)}\0${text}`)));
}

async function land(text: string): Promise<{ commit: string; blob: string }> {
  const { commit } = await ground.publish(await ground.judge({ 'src/postage.js': text }));
  const blob = ground.ask('rev-parse', `${commit}:src/postage.js`).trim();
  return { commit: commit ?? '', blob };
}

/** A verdict over the other content of the same ids. */
async function judgedElsewhere(postage: number): Promise<{ folder: string; judged: string }> {
  const judged = `${postage}`.padStart(64, 'a');
  const folder = await ground.judge(
    { 'src/postage.js': `export const postage = ${postage};\n` },
    { edit: (verdict) => ({ ...verdict, change: verdict.change && { ...verdict.change, content_sha256: judged } }) },
  );
  return { folder, judged };
}

/** The machine where the ids stand for it. */
function elsewhere(contentSha256: string): Ports {
  const open: Ports['git']['open'] = async (...asked) => {
    const session = await ground.ports.git.open(...asked);
    return { ...session, measure: async (...sides) => ({ ...(await session.measure(...sides)), contentSha256 }) };
  };
  return { ...ground.ports, git: { ...ground.ports.git, open } };
}

const push = (commit: string) =>
  ground.git('push', 'origin', `${commit}:refs/heads/main`, 'refs/caws/ledger:refs/caws/ledger');

describe('attack 19: another content under the SHA-1 that was judged', () => {
  it('honest twin: what was judged is pushed, and its content is read again', async () => {
    const { commit } = await land('export const postage = 190;\n');
    expect(push(commit)).toMatchObject({ code: 0 });
    const verified = arbiter(['verify', `${ground.base}..main`, '-C', ground.server], { home: ground.world.home });
    expect(verified).toMatchObject({ code: 0 });
  });

  it('is refused by the server’s hook and named by arbiter verify, though every id agrees', async () => {
    const { folder, judged } = await judgedElsewhere(191);
    const { commit } = await publish.run(
      elsewhere(judged),
      { repository: ground.clone, target: folder },
      ground.world.context,
    );
    const refused = push(commit ?? '');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain((commit ?? '').slice(0, 12));
    expect(refused.err).toMatch(
      new RegExp(`other-content: the content under its tree has SHA-256 [0-9a-f]{64}, and ${judged} was judged`),
    );
    expect(ground.onServer('rev-parse', 'main').trim()).toBe(ground.base);
    const found = arbiter(['verify', `${ground.base}..${commit}`, '-C', ground.clone, '--json'], {
      home: ground.world.home,
    });
    expect(found).toMatchObject({ code: 1 });
    expect(JSON.parse(found.out)).toMatchObject({ refusals: [{ commit, reason: 'other-content' }] });
  });

  it('is not published where the bytes are not those that were judged', async () => {
    const { folder, judged } = await judgedElsewhere(192);
    await expect(ground.publish(folder)).rejects.toMatchObject({
      code: 'VERDICT_UNPUBLISHABLE',
      message: expect.stringMatching(`holds content [0-9a-f]{64}, and ${judged} was judged`) as string,
    });
  });

  it('bytes that lie under the id of others are named before any of it, at the push and after', async () => {
    const { commit, blob } = await land('export const postage = 193;\n');
    const store = join(ground.server, 'objects');
    collide(store, blob, evil);
    const refused = push(commit);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain(`object ${blob} does not hold what its id says`);
    rmSync(join(store, blob.slice(0, 2), blob.slice(2)));
    expect(push(commit)).toMatchObject({ code: 0 });
    collide(store, blob, evil);
    expect(ground.onServer('cat-file', '-p', `${commit}:src/postage.js`)).toBe(evil);
    const found = arbiter(['verify', `${ground.base}..main`, '-C', ground.server], { home: ground.world.home });
    expect(found).toMatchObject({ code: 4, err: expect.stringContaining(`object ${blob} does not hold`) as string });
  });
});
