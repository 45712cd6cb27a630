import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPorts, operations } from '../../src/index.js';

const home = mkdtempSync(join(tmpdir(), 'arbiter-library-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('Arbiter as a library', () => {
  it('measures a repository without the command line', async () => {
    const ports = createPorts({ HOME: home }, '0.0.0-test');
    const repository = await ports.scratch.createRepository('library');
    try {
      await repository.commit('one', { 'a.txt': 'a\n' });
      const head = await repository.commit('two', { 'a.txt': 'b\n' });
      const measured = await operations.measure.run(
        ports,
        { repository: repository.directory, head },
        { progress: { stage() {}, note() {} }, signal: new AbortController().signal },
      );
      expect(measured.totals).toEqual({ files: 1, added: 1, removed: 1, loc: 2 });
      expect(operations.measure.output.safeParse(measured).success).toBe(true);
    } finally {
      await repository.remove();
    }
  });
});
