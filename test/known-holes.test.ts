import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adjudicate } from '../src/app/adjudicate/adjudicate.js';
import { examine } from '../src/app/adjudicate/examine.js';
import { measure } from '../src/app/adjudicate/measure.js';
import { digestJson } from '../src/core/canonical-json.js';
import { checkWaiver } from '../src/core/caws/dialects/check-value.js';
import { composeWaiver } from '../src/core/caws/dialects/compose-waiver.js';
import { createDocuments } from '../src/adapters/yaml/documents.js';
import { encodeUtf8 } from '../src/core/digest.js';
import type { ScratchRepository } from '../src/ports/scratch.js';
import { createWorld, governed, product } from './e2e/world.js';

// Each known hole of the public CAWS tool (constitution §7), on a real repository, through the operation a user calls.
const world = createWorld();
let repository: ScratchRepository & { readonly base: string };
beforeAll(async () => {
  repository = await governed(world, {
    'src/long.js': 'line\n'.repeat(20_000),
    '.caws/waivers/WV-0001.yaml': selfApproved,
  });
});
afterAll(() => world.close());

const selfApproved = `id: WV-0001
applies_to: POST-001
gates: [budget_limit]
delta: { max_files: 1000, max_loc: 100000 }
reason_code: other
description: I need it
expires_at: "2099-01-01T00:00:00Z"
risk_owner: me
approvers: [{ handle: me, approved_at: "2026-01-01T00:00:00Z" }]
status: active
`;

async function examineChange(files: Readonly<Record<string, string | null>>): Promise<string[]> {
  await repository.branch('work', repository.base);
  const head = await repository.commit('work', files);
  const input = { repository: repository.directory, base: repository.base, head, spec: 'POST-001' };
  const { findings } = await examine.run(world.ports, input, world.context);
  return findings
    .filter(({ severity }) => severity !== 'advisory')
    .map(({ rule, path }) => `${rule} ${path ?? ''}`.trim());
}

const source = product['src/postage.js'] ?? '';

describe('holes of the public tool, closed', () => {
  it('renaming a file into scope.out does not pass', async () => {
    const found = await examineChange({ 'src/postage.js': null, 'src/legacy/postage.js': source });
    expect(found).toContain('scope.out src/legacy/postage.js');
  });

  it('a 20,000-line deletion counts 20,000', async () => {
    await repository.branch('work', repository.base);
    const head = await repository.commit('delete', { 'src/long.js': null });
    const measured = await measure.run(
      world.ports,
      { repository: repository.directory, base: repository.base, head },
      world.context,
    );
    expect(measured.totals).toEqual({ files: 1, added: 0, removed: 20_000, loc: 20_000 });
  });

  it('nobody approves their own waiver: without an approver’s signature it raises no budget', async () => {
    expect(await examineChange({ 'src/long.js': null })).toContain('budget.lines');
  });

  it('.caws is not exempt from scope', async () => {
    const found = await examineChange({ '.caws/waivers/WV-0002.yaml': selfApproved });
    expect(found).toContain('path.protected .caws/waivers/WV-0002.yaml');
  });

  it('digests see nested fields', () => {
    const record = { verdict: 'PASS', change: { files: [{ path: 'a', lines: 1 }] } };
    const other = { verdict: 'PASS', change: { files: [{ path: 'a', lines: 2 }] } };
    expect(digestJson(record)).not.toBe(digestJson(other));
  });

  it('a plain directory in scope.in matches what is in it', async () => {
    expect(await examineChange({ 'src/deep/more.js': 'export const more = 1;\n' })).toEqual([]);
  });

  it('what we write as a waiver we load as one', () => {
    const { text, errors } = composeWaiver({
      id: 'WV-0003',
      title: 'A price table in one change',
      status: 'active',
      gates: ['budget_limit'],
      reason: 'half a table is wrong',
      reason_code: 'other',
      risk_owner: 'ada@example.org',
      approved_by: 'ada@example.org',
      approvers: [{ handle: 'ada@example.org' }],
      created_at: '2026-01-01T00:00:00Z',
      expires_at: '2026-01-08T00:00:00Z',
      scope: { spec_id: 'POST-001' },
      applies_to: 'POST-001',
      delta: { max_files: 0, max_loc: 200 },
      constraints: { max_uses: 1 },
    });
    expect(errors).toEqual([]);
    const { value } = createDocuments().read(encodeUtf8(text), 'WV-0003.yaml');
    for (const dialect of ['B', 'C'] as const) expect(checkWaiver(value, dialect).errors).toEqual([]);
  });

  it('a git that fails is FAIL with its reason, never an empty change', async () => {
    const broken = await governed(world);
    const head = await broken.commit('more', { 'src/more.js': 'export const more = 1;\n' });
    const blob = execFileSync('git', ['-C', broken.directory, 'rev-parse', `${head}:src/more.js`], {
      encoding: 'utf8',
    });
    rmSync(join(broken.directory, '.git/objects', blob.slice(0, 2), blob.slice(2).trim()));
    const { verdict } = await adjudicate.run(
      world.ports,
      { repository: broken.directory, base: broken.base, head },
      world.context,
    );
    expect(verdict.verdict).toBe('FAIL');
    expect(verdict.findings.find(({ rule }) => rule === 'measure.git')?.severity).toBe('block');
    expect(verdict.change).toBeNull();
  });
});
