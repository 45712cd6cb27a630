import { describe, expect, it } from 'vitest';
import { assembleVerdict } from '../caws/verdict/assemble-verdict.js';
import { examination, facts, finding, gate, hex, matter, validWaiver } from '../caws/verdict/fixtures/matter.js';
import { renderVerdict } from '../caws/verdict/verdict-yaml.js';
import { digestBytes } from '../digest.js';
import { encodeStatement, makeStatement } from './statement.js';
import { makeSummary } from './summary.js';

const verdict = assembleVerdict(facts());

describe('makeStatement', () => {
  it('names tree, base, diff and human copy by their digests, and says what the verdict says', () => {
    const statement = makeStatement(verdict);
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'urn:arbiter:attestation:verdict:v1',
      subject: [
        { name: 'change', digest: { gitTree: hex('6', 40) } },
        { name: 'base', digest: { gitCommit: hex('4', 40) } },
        { name: 'change.diff', digest: { sha256: hex('8') } },
        { name: 'verdict.yaml', digest: { sha256: digestBytes(renderVerdict(verdict)) } },
      ],
    });
    expect(statement.predicate).toEqual(verdict);
  });

  it('leaves out what the verdict does not know, never the human copy', () => {
    const red = matter({ gates: [gate({ outcome: 'fail', reason: 'red' })] });
    const bare = makeStatement(assembleVerdict(facts({ matter: red, change: null, base: null, diffSha256: null })));
    expect(bare.subject.map(({ name }) => name)).toEqual(['verdict.yaml']);
    const noDiff = makeStatement(assembleVerdict(facts({ matter: red, diffSha256: null })));
    expect(noDiff.subject.map(({ name }) => name)).toEqual(['change', 'base', 'verdict.yaml']);
  });

  it('is the same bytes for the same verdict, and refuses one that contradicts itself', () => {
    expect(encodeStatement(makeStatement(verdict))).toEqual(encodeStatement(makeStatement(assembleVerdict(facts()))));
    expect(() => makeStatement({ ...verdict, verdict: 'FAIL' })).toThrow(/verdict cannot be written/);
  });
});

describe('makeSummary', () => {
  it('lists what a PASS proved, with the policies that it went by', () => {
    expect(makeSummary(verdict)).toMatchObject({
      predicateType: 'https://in-toto.io/attestation/svr/v0.2',
      subject: makeStatement(verdict).subject,
      predicate: {
        verifier: {
          id: 'urn:arbiter:verifier:0.1.0',
          policies: [
            { name: 'spec', digest: { sha256: hex('1') } },
            { name: 'policy', digest: { sha256: hex('2') } },
            { name: 'configuration', digest: { sha256: hex('3') } },
          ],
        },
        timeCreated: verdict.clock.wall,
        properties: [
          'CAWS_GATE_TESTS_PASSED',
          'CAWS_RISK_TIER_2',
          'CAWS_TRUST_LOCAL',
          'CAWS_VERDICT_PASS',
          'CAWS_WITHOUT_WAIVERS',
        ],
      },
    });
  });

  it('is not made for FAIL, for WAIVER_REQUIRED, nor for a PASS that only advises', () => {
    const red = facts({ matter: matter({ gates: [gate({ outcome: 'fail', reason: 'red' })] }) });
    const over = facts({ matter: matter({ examination: examination([finding()]) }) });
    const doubtful = facts({ advisoryReasons: [{ kind: 'other', message: 'a reason' }] });
    for (const [parts, outcome] of [
      [red, 'FAIL'],
      [over, 'WAIVER_REQUIRED'],
      [doubtful, 'PASS'],
    ] as const) {
      const judged = assembleVerdict(parts);
      expect(judged.verdict).toBe(outcome);
      expect(makeSummary(judged)).toBeNull();
    }
  });

  it('does not claim the absence of waivers where the outcome leaned on one', () => {
    const lifted = matter({ examination: examination([finding()]), waivers: [validWaiver()] });
    const judged = assembleVerdict(facts({ matter: lifted, singleUse: 'enforced' }));
    expect([judged.verdict, judged.waivers.length]).toEqual(['PASS', 1]);
    const properties = makeSummary(judged)?.predicate['properties'];
    expect(properties).toContain('CAWS_VERDICT_PASS');
    expect(properties).not.toContain('CAWS_WITHOUT_WAIVERS');
  });
});
