import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../adapters/files/node-files.js';
import { createDocuments } from '../../adapters/yaml/documents.js';
import { type CheckFilesInput, checkFiles, checkFilesInputSchema, fileCheckSchema } from './check-files.js';

const ports = { files: nodeFiles, documents: createDocuments() };

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'arbiter-'));
  await mkdir(join(root, 'folder.yaml'));
  await writeFile(join(root, 'broken.yaml'), 'a: [\n');
  await writeFile(join(root, 'large.yaml'), 'x'.repeat(1_048_577));
  await writeFile(join(root, 'WV-0001.yaml'), 'id: WV-0001\nstatus: active\napproved_by: alice\n');
  await writeFile(join(root, 'policy.json'), '{"version": 1, "risk_tiers": {}}');
  await writeFile(join(root, 'bytes.yaml'), Buffer.from([0xc3, 0x28]));
});
afterAll(() => rm(root, { recursive: true }));

const check = (files: readonly string[], asked: Partial<CheckFilesInput> = {}) =>
  checkFiles(ports, checkFilesInputSchema.parse({ files: files.map((file) => join(root, file)), ...asked }));

describe('checkFiles', () => {
  it('answers in the order given, in the shape promised', async () => {
    const checks = await check(['policy.json', 'none.yaml', 'WV-0001.yaml']);
    expect(checks.map((one) => fileCheckSchema.parse(one))).toEqual(checks);
    expect(checks.map((one) => [one.kind, one.dialect, one.valid])).toEqual([
      ['policy', 'B', false],
      [null, null, false],
      ['waiver', 'C', false],
    ]);
    expect(Object.keys(checks[0]?.errors[0] ?? {})).toEqual(['rule', 'path', 'line', 'column', 'message', 'hint']);
  });

  it.each([
    ['none.yaml', 'yaml.unreadable', null],
    ['folder.yaml', 'yaml.unreadable', null],
    ['large.yaml', 'yaml.refused', null],
    ['bytes.yaml', 'yaml.refused', 1],
    ['broken.yaml', 'yaml.invalid', 2],
  ])('%s is an entry, not a crash', async (file, rule, line) => {
    const [found] = await check([file]);
    expect(found).toMatchObject({ file: join(root, file), valid: false, dialect: null, warnings: [] });
    expect(found?.errors).toMatchObject([{ rule, line }]);
    expect(found?.errors[0]?.hint).not.toBe('');
  });

  it('obeys the kind and dialect asked for', async () => {
    const [found] = await check(['WV-0001.yaml'], { kind: 'spec', dialect: 'A' });
    expect(found).toMatchObject({ kind: 'spec', dialect: 'A', valid: false });
    expect((await check(['none.yaml'], { kind: 'spec', dialect: 'A' }))[0]).toMatchObject({
      kind: 'spec',
      dialect: 'A',
    });
  });

  it('places what is missing at its nearest parent', async () => {
    const [found] = await check(['WV-0001.yaml']);
    expect(found?.errors.find((error) => error.path === '/gates')).toMatchObject({ line: 1, column: 1 });
  });
});
