import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeFiles } from '../src/adapters/files/node-files.js';
import { createDocuments } from '../src/adapters/yaml/documents.js';
import { newSpec } from '../src/app/constitution/new-spec.js';
import { readWaiver } from '../src/app/constitution/load-waivers.js';
import { checkSpec, checkWaiver } from '../src/core/caws/dialects/check-value.js';
import { type NewSpec, composeSpec, newSpecSchema } from '../src/core/caws/dialects/compose-spec.js';
import { type WrittenWaiver, composeWaiver, writtenWaiverSchema } from '../src/core/caws/dialects/compose-waiver.js';
import { encodeUtf8 } from '../src/core/digest.js';

const documents = createDocuments();
const createdAt = '2026-11-20T09:00:00.000Z';

const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
const lists = (least: number) => fc.array(anyText, { minLength: least, maxLength: 4 });
const id = fc.stringMatching(/^[A-Z][A-Z0-9]{0,5}(-[A-Z0-9]{1,4}){0,2}-[0-9]{1,4}[a-z]{0,2}$/);
// No scope.out: what of it contradicts scope.in is refused, which has its own test.
const wanted: fc.Arbitrary<NewSpec> = fc.constantFrom(1, 2, 3).chain((tier) =>
  fc.record({
    id,
    title: anyText,
    risk_tier: fc.constant(tier),
    mode: fc.constantFrom('feature', 'refactor', 'fix', 'doc', 'chore'),
    scope_in: lists(1),
    scope_out: fc.constant([]),
    modules: lists(0),
    data_migration: fc.boolean(),
    rollback_slo: anyText,
    invariants: lists(1),
    acceptance: fc.array(fc.record({ given: anyText, when: anyText, then: anyText }), { minLength: 1, maxLength: 3 }),
    contracts: fc.array(
      fc.record({ name: anyText, type: fc.constantFrom('api', 'schema', 'contract-test', 'behavior'), path: anyText }),
      { minLength: tier < 3 ? 1 : 0, maxLength: 2 },
    ),
    observability: lists(tier === 1 ? 1 : 0),
    rollback: lists(tier === 1 ? 1 : 0),
    security: lists(tier === 1 ? 1 : 0),
  }),
);

const spec = {
  id: 'FEAT-001',
  title: 'Sort the users',
  scope_in: ['src/users'],
  invariants: ['users keep their order'],
  acceptance: [{ given: 'a list', when: 'it is sorted', then: 'names rise' }],
};

describe('a new spec', () => {
  test.prop([wanted])('is valid in dialects B and C, whatever is said in it', (request) => {
    const composed = composeSpec(newSpecSchema.parse(request), createdAt);
    expect(composed.errors).toEqual([]);
    const { value } = documents.read(encodeUtf8(composed.text), 'new.yaml');
    expect(checkSpec(value, 'B').errors).toEqual([]);
    expect(checkSpec(value, 'C').errors).toEqual([]);
    expect(checkSpec(value)).toMatchObject({
      dialect: 'C',
      value: { id: request.id, scope: { in: request.scope_in } },
    });
  });

  it('is written under its id, read back by B and C, and never over another', async () => {
    const root = await mkdtemp(join(tmpdir(), 'arbiter-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const ports = { files: nodeFiles, clock: { nowMs: () => Date.parse(createdAt) } };
    const { path, text } = await newSpec(ports, root, newSpecSchema.parse(spec));
    expect(path).toBe('.caws/specs/FEAT-001.yaml');
    expect(await readFile(join(root, path), 'utf8')).toBe(text);
    await expect(newSpec(ports, root, newSpecSchema.parse({ ...spec, title: 'Another' }))).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(await readFile(join(root, path), 'utf8')).toBe(text);
  });

  it('is refused whole where B or C would refuse it, and then nothing is written', async () => {
    const files = { writeNewFile: () => Promise.reject(new Error('it was written')) };
    const request = newSpecSchema.parse({ ...spec, risk_tier: 1, scope_out: ['src'] });
    await expect(newSpec({ files, clock: { nowMs: () => 0 } }, '/nowhere', request)).rejects.toMatchObject({
      code: 'SPEC_INPUT_INVALID',
      message: expect.stringContaining('shuts out'),
    });
  });
});

const waiver: WrittenWaiver = {
  id: 'WV-0001',
  title: 'A larger budget for the move',
  status: 'active',
  gates: ['budget_limit'],
  reason: 'the move touches every caller at once',
  reason_code: 'architectural_refactor',
  mitigation: 'callers are moved by a codemod that has its own tests',
  risk_owner: 'bob',
  requested_by: 'carol',
  approved_by: 'alice',
  approvers: [{ handle: 'alice' }],
  created_at: '2026-11-20T00:00:00Z',
  expires_at: '2026-11-27T00:00:00Z',
  scope: { spec_id: 'FEAT-001' },
  applies_to: 'FEAT-001',
  delta: { max_files: 10, max_loc: 500 },
  constraints: { max_uses: 1 },
};

// Known hole of the public tool (constitution §7): a waiver written by its own command is refused by its own loader.
describe('a waiver that Arbiter writes', () => {
  it('is loaded by Arbiter, and by both dialects', () => {
    const { text, errors } = composeWaiver(waiver);
    expect(errors).toEqual([]);
    const bytes = encodeUtf8(text);
    const { value } = documents.read(bytes, 'WV-0001.yaml');
    expect(value).toEqual(waiver);
    expect(checkWaiver(value, 'B').errors).toEqual([]);
    expect(checkWaiver(value, 'C').errors).toEqual([]);
    expect(readWaiver(documents, 'WV-0001.yaml', bytes)).toMatchObject({
      fault: null,
      waiver: {
        id: 'WV-0001',
        requester: 'carol',
        delta: { maxFiles: 10, maxLoc: 500 },
        scope: { specId: 'FEAT-001', paths: [] },
        createdMs: Date.parse('2026-11-20T00:00:00Z'),
        expiresMs: Date.parse('2026-11-27T00:00:00Z'),
      },
    });
  });

  test.prop([anyText, anyText, lists(1), fc.nat(), fc.nat()])(
    'whatever is said in it',
    (title, reason, gates, files, loc) => {
      const said = {
        ...waiver,
        title: `about ${title}`,
        reason: `for ${reason}`,
        gates,
        delta: { max_files: files, max_loc: loc },
      };
      const written = composeWaiver(writtenWaiverSchema.parse(said));
      expect(written.errors).toEqual([]);
      expect(readWaiver(documents, 'w.yaml', encodeUtf8(written.text)).fault).toBeNull();
    },
  );

  it('and its faults are named before it is signed', () => {
    expect(composeWaiver({ ...waiver, status: 'revoked' }).errors).toMatchObject([
      { rule: 'waiver.schema.revoked_without_record' },
    ]);
  });
});
