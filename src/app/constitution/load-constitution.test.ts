import { describe, expect, it } from 'vitest';
import { composeSpec, newSpecSchema } from '../../core/caws/dialects/compose-spec.js';
import { composeWaiver } from '../../core/caws/dialects/compose-waiver.js';
import { deriveBudget } from '../../core/caws/examine/derive-budget.js';
import { defaultPolicy } from '../../core/caws/policy.js';
import { assessWaiver } from '../../core/caws/verdict/assess-waiver.js';
import type { WaiverSignature } from '../../core/caws/waiver.js';
import type { WorkingSpec } from '../../core/caws/working-spec.js';
import { digestText, encodeUtf8 } from '../../core/digest.js';
import { isFault } from '../../core/fault.js';
import { createDocuments } from '../../adapters/yaml/documents.js';
import type { SpecChoice } from './find-spec.js';
import { loadConstitution } from './load-constitution.js';
import type { CheckWaiverSignatures } from './load-waivers.js';

const nowMs = Date.parse('2026-11-20T09:00:00Z');

const specText = (id: string): string =>
  composeSpec(
    newSpecSchema.parse({
      id,
      title: 'Sort the users',
      scope_in: ['src'],
      invariants: ['order'],
      acceptance: [{ given: 'a', when: 'b', then: 'c' }],
    }),
    '2026-11-20T09:00:00.000Z',
  ).text;

const waiverText = composeWaiver({
  id: 'WV-0001',
  title: 'A larger budget',
  status: 'active',
  gates: ['budget_limit'],
  reason: 'every caller at once',
  reason_code: 'other',
  risk_owner: 'mallory',
  requested_by: 'mallory',
  approved_by: 'mallory',
  approvers: [{ handle: 'mallory' }],
  created_at: '2026-11-19T00:00:00Z',
  expires_at: '2026-11-25T00:00:00Z',
  scope: { spec_id: 'FEAT-001' },
  applies_to: 'FEAT-001',
  delta: { max_files: 1000, max_loc: 100_000 },
  constraints: { max_uses: 1 },
}).text;

const unsigned: CheckWaiverSignatures = async (_bytes, signatures) => [
  { state: 'unsigned', detail: signatures === null ? 'no .sig file' : 'not looked at' },
];

function load(files: Record<string, string>, choice: SpecChoice = 'only', check = unsigned, reads: string[] = []) {
  const source = {
    readFile: async (path: string) => {
      reads.push(path);
      return Object.hasOwn(files, path) ? encodeUtf8(files[path] ?? '') : null;
    },
    listFiles: async (folder: string) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .reverse(),
  };
  return loadConstitution(source, createDocuments(), check, choice);
}

async function faultOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isFault(error)) throw new Error('no fault was thrown');
  return error;
}

const one = { '.caws/specs/FEAT-001.yaml': specText('FEAT-001') };

describe('the spec', () => {
  it('is found by id, with the digest of its bytes', async () => {
    const loaded = await load({ ...one, '.caws/specs/FEAT-002.yaml': specText('FEAT-002') }, { id: 'FEAT-002' });
    expect(loaded.spec?.id).toBe('FEAT-002');
    expect(loaded.specPath).toBe('.caws/specs/FEAT-002.yaml');
    expect(loaded.specSha256).toBe(digestText(specText('FEAT-002')));
    expect(loaded.findings).toEqual([]);
  });

  it('is found by path', async () => {
    expect((await load({ 'docs/spec.yaml': specText('FEAT-009') }, { path: 'docs/spec.yaml' })).spec?.id).toBe(
      'FEAT-009',
    );
  });

  it('is found in the single file where that holds the id', async () => {
    const files = { ...one, '.caws/working-spec.yaml': specText('PROJ-001') };
    expect((await load(files, { id: 'PROJ-001' })).specPath).toBe('.caws/working-spec.yaml');
    expect((await load(files)).spec?.id).toBe('PROJ-001');
  });

  it('is the only one where none is asked for, and none where there are several', async () => {
    expect((await load(one)).spec?.id).toBe('FEAT-001');
    expect((await load({ ...one, '.caws/specs/FEAT-002.yml': specText('FEAT-002') })).spec).toBeNull();
    expect(await load({})).toMatchObject({ spec: null, specPath: null, specSha256: null, findings: [] });
  });

  it.each([
    ['FEAT-01', 'did you mean FEAT-001?'],
    ['nothing like it', 'it has FEAT-001'],
    ['../policy', 'it has FEAT-001'],
  ])('%s is a fault that says what there is', async (id, mend) => {
    const fault = await faultOf(load({ ...one, '.caws/policy.yaml': 'version: 1\n' }, { id }));
    expect(fault.code).toBe('SPEC_NOT_FOUND');
    expect(fault.mend).toContain(mend);
  });

  it('is never looked up outside of its folder', async () => {
    const reads: string[] = [];
    await faultOf(load(one, { id: '../policy' }, unsigned, reads));
    expect(reads.filter((path) => path.includes('..'))).toEqual([]);
  });

  it('is a fault where there are no specs or no such file', async () => {
    expect((await faultOf(load({}, { id: 'FEAT-001' }))).mend).toContain('arbiter spec new');
    expect((await faultOf(load(one, { path: 'spec.yaml' }))).message).toContain('spec.yaml');
  });

  it('blocks where it is not valid, with every line at fault', async () => {
    const broken = specText('FEAT-001')
      .replace('mode: feature', 'mode: hotfix')
      .replace('risk_tier: 3', 'risk_tier: 9');
    const { spec, findings } = await load({ '.caws/specs/FEAT-001.yaml': broken });
    expect(spec).toBeNull();
    expect(findings).toMatchObject([
      { rule: 'spec.invalid', severity: 'block', path: '.caws/specs/FEAT-001.yaml', line: 3 },
      { rule: 'spec.invalid', severity: 'block', line: 4 },
    ]);
  });

  it('blocks where it is no YAML', async () => {
    const { spec, findings } = await load({ '.caws/specs/FEAT-001.yaml': 'id: 1\nid: 2\n' }, { id: 'FEAT-001' });
    expect(spec).toBeNull();
    expect(findings).toMatchObject([{ rule: 'spec.invalid', severity: 'block', line: 2 }]);
  });

  it('blocks where the file holds another id than its name', async () => {
    const { findings } = await load({ '.caws/specs/FEAT-001.yaml': specText('FEAT-002') }, { id: 'FEAT-001' });
    expect(findings).toMatchObject([{ rule: 'spec.invalid', severity: 'block' }]);
  });
});

describe('the policy and the configuration', () => {
  it('are the default ones where there are none, and then say so by null digests', async () => {
    const { policy, policySha256, config, configSha256 } = await load(one);
    expect(policy).toEqual(defaultPolicy);
    expect(policySha256).toBeNull();
    expect(config).toMatchObject({ version: 1, sandbox: 'bubblewrap', gates: {} });
    expect(configSha256).toBeNull();
  });

  it('are read', async () => {
    const policy =
      'version: 1\nrisk_tiers:\n' + [1, 2, 3].map((n) => `  ${n}: {max_files: ${n}, max_loc: ${n}0}\n`).join('');
    const loaded = await load({
      ...one,
      '.caws/policy.yaml': policy,
      '.caws/arbiter.yaml': 'version: 1\nsandbox: none\n',
    });
    expect(loaded.findings).toEqual([]);
    expect(loaded.policy.budgets[2]).toEqual({ maxFiles: 2, maxLoc: 20 });
    expect(loaded.policySha256).toBe(digestText(policy));
    expect(loaded.config.sandbox).toBe('none');
  });

  // An invalid policy is an error, never a silent default (constitution §7).
  it.each(['version: 1\n', 'version: 1\nversion: 1\n', '', '{"1": {}, "2": {}, "3": {}}'])(
    '%j blocks',
    async (text) => {
      const { findings } = await load({ ...one, '.caws/policy.yaml': text });
      expect(findings.length).toBeGreaterThan(0);
      for (const finding of findings) expect(finding).toMatchObject({ rule: 'policy.invalid', severity: 'block' });
    },
  );

  it('a tier policy of dialect A blocks even when it is a right one', async () => {
    const tier = {
      min_branch: 1,
      min_mutation: 1,
      requires_contracts: true,
      max_files: 1,
      max_loc: 1,
      allowed_modes: ['fix'],
    };
    const { findings } = await load({ ...one, '.caws/policy.yaml': JSON.stringify({ 1: tier, 2: tier, 3: tier }) });
    expect(findings).toMatchObject([{ rule: 'policy.invalid', severity: 'block' }]);
  });

  it.each(['version: 1\ngates: {Tests: {}}\n', 'version: 2\n', 'a: [\n'])('configuration %j blocks', async (text) => {
    const { findings } = await load({ ...one, '.caws/arbiter.yaml': text });
    expect(findings[0]).toMatchObject({
      rule: 'arbiter-config.invalid',
      severity: 'block',
      path: '.caws/arbiter.yaml',
    });
  });
});

describe('the waivers', () => {
  const files = {
    ...one,
    '.caws/waivers/b.yaml': 'id: 7\n',
    '.caws/waivers/a.yaml': waiverText,
    '.caws/waivers/a.yaml.sig': 'signature',
    '.caws/waivers/c.yml': 'a: &x [*x]\n',
    '.caws/waivers/README.md': 'no waiver',
  };

  it('are all there, by path, whole or broken', async () => {
    const seen: [number, number | null][] = [];
    const check: CheckWaiverSignatures = async (bytes, signatures) => {
      seen.push([bytes.length, signatures?.length ?? null]);
      return [{ state: 'unsigned', detail: '' }];
    };
    const { waivers } = await load(files, 'only', check);
    expect(waivers.map(({ path, waiver }) => [path, waiver?.id ?? null])).toEqual([
      ['.caws/waivers/a.yaml', 'WV-0001'],
      ['.caws/waivers/b.yaml', null],
      ['.caws/waivers/c.yml', null],
    ]);
    expect(waivers[0]?.sha256).toBe(digestText(waiverText));
    expect(waivers.map((waiver) => waiver.fault)).toEqual([
      null,
      expect.stringContaining('id'),
      expect.stringContaining('anchor'),
    ]);
    expect(seen[0]).toEqual([waiverText.length, 'signature'.length]);
    expect(seen[1]?.[1]).toBeNull();
  });

  // Known hole of the public tool (constitution §7): anyone may self-approve a waiver.
  it.each<[string, WaiverSignature, string | null]>([
    ['by nobody', { state: 'unsigned', detail: '' }, 'unsigned'],
    ['by a key that is no approver’s', { state: 'foreign', detail: '' }, 'foreign_signature'],
    [
      'by the one who asked for it',
      { state: 'valid', signer: 'mallory', principals: ['mallory'], keyId: 'SHA256:m' },
      'self_approved',
    ],
    ['by an approver', { state: 'valid', signer: 'alice', principals: ['alice'], keyId: 'SHA256:a' }, null],
  ])('signed %s', async (_, signature, reason) => {
    const { waivers, spec, policy } = await load(files, 'only', async () => [signature]);
    const assessed = waivers.map((waiver) =>
      assessWaiver(waiver, {
        nowMs,
        specId: 'FEAT-001',
        riskTier: 3,
        policy,
        approvers: ['alice', 'mallory'],
        workers: ['agent'],
      }),
    );
    const budget = deriveBudget(spec as WorkingSpec, policy, assessed);
    expect(budget.limits.files).toBe(reason === null ? 1100 : 100);
    expect(budget.skipped).toEqual(
      expect.arrayContaining([
        { id: '.caws/waivers/b.yaml', reason: 'malformed' },
        ...(reason === null ? [] : [{ id: 'WV-0001', reason }]),
      ]),
    );
  });
});
