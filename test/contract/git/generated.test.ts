import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decodePath } from '../../../src/core/caws/path-bytes.js';
import {
  contentsOf,
  patchOf,
  plainGit,
  scratchRepository,
  withSession,
  type ScratchRepository,
} from './scratch-repository.js';

const paths = ['a.txt', 'b.txt', 'dir/c.txt', 'dir/deep/d.txt', 'tab\t.txt', 'new\nline', 'ünï.txt', 'z'] as const;
const words = ['alpha', 'beta', 'gamma', '', '}', 'x'.repeat(450), '\r', 'end\r', '+plus', '-minus', '@@ -1 +1 @@'];
const text = fc
  .tuple(fc.array(fc.constantFrom(...words), { maxLength: 30 }), fc.boolean())
  .map(([list, isEnded]) => list.join('\n') + (isEnded ? '\n' : ''));
const content = fc.oneof({ weight: 8, arbitrary: text }, { weight: 1, arbitrary: fc.constant('nul\0byte') });
const file = fc.record({ content, mode: fc.constantFrom(0o644, 0o755), link: fc.boolean() });
const snapshot = fc.dictionary(fc.constantFrom(...paths), file, { maxKeys: paths.length, noNullPrototype: true });
type Snapshot = Record<string, { content: string; mode: number; link: boolean }>;

function put(repository: ScratchRepository, files: Snapshot): string {
  repository.git('rm', '-rqf', '--ignore-unmatch', '.');
  for (const [path, { content: bytes, mode, link }] of Object.entries(files)) {
    const target = bytes.replaceAll('\0', '').slice(0, 50);
    if (link && target !== '') repository.link(path, target);
    else repository.write(path, bytes, mode);
  }
  return repository.commit();
}

/** What plain git counts, path by path. */
function plainNumstat(repository: ScratchRepository, base: string, head: string): Map<string, string> {
  const output = plainGit(repository.root, ['diff-tree', '-r', '-z', '--numstat', '--no-renames', base, head]);
  const rows = output.split('\0').filter((row) => row !== '');
  return new Map(
    rows.map((row) => {
      const [added = '', removed = '', ...path] = row.split('\t');
      return [decodePath(Buffer.from(path.join('\t'), 'latin1')), `${added} ${removed}`];
    }),
  );
}

describe('generated changes', () => {
  test.prop([snapshot, snapshot], { numRuns: 25 })(
    'measure as plain git counts them, read back line by line, and apply again as their own patch',
    async (before, after) => {
      const repository = scratchRepository();
      const [base, head] = [put(repository, before), put(repository, after)];
      await withSession(repository.root, async (session) => {
        const [from, to] = [await session.resolveCommit(base), await session.resolveCommit(head)];
        const change = await session.measure(from, to.tree, to.id);
        const plain = plainNumstat(repository, base, head);

        for (const changed of change.files) {
          const { status, oldPath, newPath, binary, added, removed } = changed;
          if (status === 'R') {
            expect(changed.oldBlob).toBe(changed.newBlob);
            for (const path of [oldPath, newPath]) plain.delete(path ?? '');
          } else {
            const path = newPath ?? oldPath ?? '';
            expect([path, plain.get(path) ?? '0 0']).toEqual([path, binary ? '- -' : `${added} ${removed}`]);
            plain.delete(path);
          }
        }
        expect([...plain.keys()]).toEqual([]);

        const contents = await contentsOf(session, change);
        expect(contents.map((one) => one.file)).toEqual(change.files);
        for (const { file: changed, addedLines, removedLines, newBytes, oldBytes } of contents) {
          if (changed.status !== 'T') {
            expect([addedLines.length, removedLines.length]).toEqual([changed.added, changed.removed]);
          }
          expectLines(addedLines, newBytes);
          expectLines(removedLines, oldBytes);
        }

        const patch = await patchOf(session, change);
        const sealed = patch.length === 0 ? from.tree : await session.sealPatch(base, patch);
        expect(sealed).toBe(to.tree);
        expect(await session.sealWorkTree()).toBe(to.tree);
      });
    },
  );
});

function expectLines(facts: readonly { line: number; text: string }[], bytes: Uint8Array | null): void {
  if (facts.length === 0) return;
  const all = Buffer.from(bytes ?? [])
    .toString('utf8')
    .split('\n');
  for (const { line, text: said } of facts) expect(said).toBe(all[line - 1]?.replace(/\r$/, ''));
}
