import { describe, expect, it } from 'vitest';
import { digestJson } from '../../canonical-json.js';
import { digestBytes } from '../../digest.js';
import { assembleVerdict } from './assemble-verdict.js';
import { findContradictions } from './contradictions.js';
import { examineReview, reviewMessage } from './examine-review.js';
import * as fixture from './fixtures/matter.js';
import { refusesSignature, renderVerdict } from './verdict-yaml.js';
import type { Verdict } from './verdict.js';

const full = assembleVerdict(
  fixture.facts({
    matter: fixture.matter({
      examination: fixture.examination([fixture.finding(), fixture.finding({ rule: 'D17', severity: 'advisory' })]),
      gates: [fixture.gate({ metrics: { branchCoverageBp: 9100 } })],
      waivers: [fixture.validWaiver()],
    }),
    task: { id: 'task-1', attempt: 2 },
  }),
);

/** Every place of a value that holds something other than a list or a map, as a way to write there. */
function* leaves(value: unknown, way: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) yield way;
  else for (const [key, item] of Object.entries(value)) yield* leaves(item, [...way, key]);
}

function withChanged<Value>(value: Value, [key = '', ...rest]: readonly string[]): Value {
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = rest.length === 0 ? `${String(copy[key])}x` : withChanged(copy[key], rest);
  return copy as Value;
}

describe('assembleVerdict', () => {
  it('known hole of the public tool, "provenance hashes skip nested fields", is closed', () => {
    const ways = [...leaves(full)];
    expect(ways.length).toBeGreaterThan(80);
    expect(ways.some((way) => way.length === 4)).toBe(true);
    const digests = new Set(ways.map((way) => digestJson(withChanged(full, way))));
    expect(digests.size).toBe(ways.length);
    expect(digests.has(digestJson(full))).toBe(false);
  });

  it('carries any change of what it is made from into its bytes', () => {
    const digest = (parts: Parameters<typeof fixture.facts>[0]): string =>
      digestBytes(renderVerdict(assembleVerdict(fixture.facts(parts))));
    const base = digest({});
    const changed = [
      digest({ trust: 'enforcing' }),
      digest({ repositoryId: fixture.hex('f') }),
      digest({ task: { id: 't', attempt: 0 } }),
      digest({ nonceBytes: new Uint8Array(16) }),
      digest({ idBytes: new Uint8Array(10) }),
      digest({ policySha256: null }),
      digest({ configSha256: null }),
      digest({ diffSha256: null }),
      digest({ planSha256: fixture.hex('0') }),
      digest({ worker: null }),
      digest({ matter: fixture.matter({ nowMs: fixture.nowMs + 1 }) }),
      digest({ matter: fixture.matter({ gates: [fixture.gate({ metrics: { tests: 1 } })] }) }),
      digest({
        spec: { spec: { ...fixture.spec, scope: { in: ['x'], out: [], support: [] } }, sha256: fixture.hex('1') },
      }),
      digest({ advisoryReasons: [{ kind: 'other', message: 'x' }] }),
    ];
    expect(new Set([base, ...changed]).size).toBe(changed.length + 1);
    expect(digest({})).toBe(base);
  });

  it('counts a waiver as consumed only by a PASS of a store that counts', () => {
    const waivers = [fixture.validWaiver()];
    const examination = fixture.examination([fixture.finding()]);
    const of = (parts: Parameters<typeof fixture.facts>[0], more = {}): Verdict =>
      assembleVerdict(fixture.facts({ ...parts, matter: fixture.matter({ examination, waivers, ...more }) }));
    const enforced = of({ singleUse: 'enforced' });
    expect(enforced).toMatchObject({ advisory: false, waivers: [{ consumed_by: enforced.verdict_id }] });
    expect(of({}).waivers).toMatchObject([{ consumed_by: null, single_use: 'unenforced' }]);
    const failed = of({ singleUse: 'enforced' }, { gates: [fixture.gate({ outcome: 'fail' })] });
    expect(failed).toMatchObject({ verdict: 'FAIL', waivers: [{ consumed_by: null }] });
  });

  it('is not signed when its trust root is in doubt, and is when it merely advises', () => {
    const doubt = { kind: 'trust-root' as const, message: 'the spec is not the base’s' };
    expect(refusesSignature(assembleVerdict(fixture.facts({ advisoryReasons: [doubt] })))).toBe(doubt.message);
    expect(refusesSignature(full)).toBeNull();
  });
});

describe('findContradictions', () => {
  const waivable = { ...full, verdict: 'WAIVER_REQUIRED' as const };
  it.each<[string, Verdict]>([
    ['a PASS over a blocking finding', { ...full, findings: full.findings.map((f) => ({ ...f, severity: 'block' })) }],
    ['a PASS over an open finding', { ...full, findings: full.findings.map((f) => ({ ...f, waived_by: null })) }],
    ['a FAIL without a reason', { ...full, verdict: 'FAIL' }],
    ['a WAIVER_REQUIRED that needs none', waivable],
    ['a PASS without a change', { ...full, change: null }],
    ['a PASS without a spec', { ...full, spec: null }],
    ['a PASS that hides its waiver', { ...full, waivers: [] }],
    ['an unenforced single use that does not advise', { ...full, advisory: false, advisory_reasons: [] }],
    ['advice without a reason', { ...full, advisory_reasons: [] }],
    ['a PASS over a gate that did not run', { ...full, gates: full.gates.map((g) => ({ ...g, outcome: 'not_run' })) }],
    ['a PASS over a dead gate', { ...full, gates: full.gates.map((g) => ({ ...g, tripwire: 'passed' })) }],
    [
      'a PASS over a red gate with nothing waived',
      {
        ...assembleVerdict(fixture.facts()),
        gates: full.gates.map((gate) => ({ ...gate, outcome: 'fail' })),
      },
    ],
  ])('sees %s', (_name, verdict) => {
    expect(findContradictions(verdict)).not.toEqual([]);
    expect(() => renderVerdict(verdict)).toThrow(expect.objectContaining({ code: 'VERDICT_INVALID' }));
  });

  it('sees none in what was assembled', () => {
    expect(findContradictions(full)).toEqual([]);
  });
});

describe('examineReview', () => {
  const review = (parts: Partial<Parameters<typeof examineReview>[0]>) =>
    examineReview({ riskTier: 1, signature: fixture.signedBy('alice'), workers: [], ...parts });

  it('is satisfied by another person’s signature, and asks for none below tier 1', () => {
    expect(review({})).toEqual([]);
    expect(review({ riskTier: 2, signature: { state: 'missing' } })).toEqual([]);
    expect(review({ riskTier: 3, signature: { state: 'missing' } })).toEqual([]);
  });

  it.each([
    [{ signature: { state: 'missing' as const } }, 'none was given'],
    [{ signature: { state: 'broken' as const, detail: 'over other bytes' } }, 'over other bytes'],
    [{ workers: ['@Alice@example.com'] }, 'may not review it'],
    [{ workers: ['SHA256:alice'] }, 'may not review it'],
  ])('finds %j', (parts, message) => {
    expect(review(parts)).toMatchObject([{ rule: 'review.manual', severity: 'waivable' }]);
    expect(review(parts)[0]?.message).toContain(message);
  });

  it('binds a review to one tree, one base and one spec', () => {
    const [a, b] = [fixture.hex('a', 40), fixture.hex('b', 40)];
    const text = new TextDecoder().decode(reviewMessage(a, b, fixture.hex('c')));
    expect(text).toBe(`caws-review v1\ntree ${a}\nbase ${b}\nspec ${fixture.hex('c')}\n`);
  });
});
