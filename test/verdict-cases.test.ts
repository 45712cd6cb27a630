import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { GateKind } from '../src/core/caws/arbiter-config.js';
import type { Finding, Severity } from '../src/core/caws/finding.js';
import type { GateOutcome } from '../src/core/caws/gate/gate-outcome.js';
import { assembleVerdict } from '../src/core/caws/verdict/assemble-verdict.js';
import { assessWaiver } from '../src/core/caws/verdict/assess-waiver.js';
import * as fixture from '../src/core/caws/verdict/fixtures/matter.js';
import type { AssessedWaiver } from '../src/core/caws/verdict/waiver-standing.js';
import type { Waiver, WaiverSignature } from '../src/core/caws/waiver.js';
import type { RiskTier } from '../src/core/caws/working-spec.js';

interface CaseWaiver extends Partial<Waiver> {
  starts?: number;
  ends?: number | null;
  paths?: string[];
  spec?: string;
  'signed by'?: string[];
}

interface Case {
  name: string;
  tier?: RiskTier;
  findings?: string[];
  gates?: Record<string, GateOutcome['outcome']>;
  optional?: string[];
  mandatory?: string[];
  tripwire?: Record<string, GateOutcome['tripwire']>;
  waivers?: CaseWaiver[];
  workers?: string[];
  approvers?: string[];
  'approvers asked'?: number;
  expect: {
    verdict: string;
    needed?: string[];
    found?: string[];
    'leans on'?: string[];
    refused?: string[];
    advisory?: boolean;
  };
}

const folder = new URL('cases/verdict/', import.meta.url);
const files = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.yaml'));

function findingOf(text: string): Finding {
  const [rule = '', severity, place = ''] = text.split(' ');
  const [path, line] = place.split(':');
  return fixture.finding({
    rule,
    severity: severity as Severity,
    path: path || null,
    line: line === undefined ? null : Number(line),
  });
}

function signatureOf(who: string): WaiverSignature {
  if (['unsigned', 'foreign', 'broken', 'wrong-namespace', 'expired-key'].includes(who)) {
    return { state: who as 'unsigned', detail: who };
  }
  return fixture.signedBy(who);
}

function assess(input: CaseWaiver, index: number, which: Case): AssessedWaiver {
  const { starts, ends, paths, spec, 'signed by': signers = ['alice'], ...parts } = input;
  const at = (days: number): number => fixture.nowMs + days * fixture.day;
  const [signature, ...cosignatures] = signers.map(signatureOf);
  const submitted = fixture.submitted(
    {
      id: `WV-000${index + 1}`,
      ...parts,
      ...(starts === undefined ? {} : { createdMs: at(starts) }),
      ...(ends === undefined ? {} : { expiresMs: ends === null ? null : at(ends) }),
      scope: { specId: spec ?? null, paths: paths ?? [] },
    },
    { signature: signature ?? { state: 'unsigned', detail: '' }, cosignatures },
  );
  const asked = which['approvers asked'] ?? 1;
  return assessWaiver(submitted, {
    ...fixture.waiverContext,
    riskTier: which.tier ?? 2,
    policy: { waiverApproval: { requiredApprovers: asked, maxDurationDays: null }, minApproversForBudgetRaise: 1 },
    ...(which.workers === undefined ? {} : { workers: which.workers }),
    ...(which.approvers === undefined ? {} : { approvers: which.approvers }),
  });
}

function judge(which: Case) {
  const gates = Object.entries(which.gates ?? ({ tests: 'pass' } as const)).map(([kind, outcome]) =>
    fixture.gate({
      name: kind,
      kind: kind as GateKind,
      outcome,
      mandatory: !which.optional?.includes(kind),
      tripwire: which.tripwire?.[kind] ?? 'reported',
    }),
  );
  return assembleVerdict(
    fixture.facts({
      matter: fixture.matter({
        examination: fixture.examination((which.findings ?? []).map(findingOf)),
        gates,
        mandatoryGates: which.mandatory ?? gates.filter((gate) => gate.mandatory).map((gate) => gate.name),
        waivers: (which.waivers ?? []).map((waiver, index) => assess(waiver, index, which)),
      }),
    }),
  );
}

describe.each(files)('verdicts of %s', (file) => {
  const cases = parse(readFileSync(new URL(file, folder), 'utf8')) as Case[];
  it.each(cases.map((which) => [which.name, which] as const))('%s', (_name, which) => {
    const verdict = judge(which);
    const seen = {
      verdict: verdict.verdict,
      needed: verdict.waivers_needed.map(({ gate, rule }) => `${gate} for ${rule}`),
      found: verdict.findings.map(({ rule }) => rule),
      'leans on': verdict.waivers.map(({ id }) => id),
      refused: verdict.waivers_refused.map(({ id, reason }) => `${id} ${reason}`),
      advisory: verdict.advisory,
    };
    expect(seen).toMatchObject(which.expect);
  });
});
