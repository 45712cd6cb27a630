import type { Verdict } from '../caws/verdict/verdict.js';
import { type Statement, statementOf, subjectsOf } from './statement.js';

/** Version 0.2, in which the verifier names the policies that it went by. @see in-toto, predicates/svr.md */
const summaryPredicateType = 'https://in-toto.io/attestation/svr/v0.2';

/**
 * The Simple Verification Result of a PASS, for policy engines that ask only which properties hold. Null for every other
 * verdict and for one that only advises: what is not listed is not claimed, and a summary that says "no" would be read
 * as one that says "yes". A gate that a waiver lifted has not passed, and is not listed.
 * @throws VERDICT_INVALID
 */
export function makeSummary(verdict: Verdict): Statement | null {
  if (verdict.verdict !== 'PASS' || verdict.advisory) return null;
  const version = encodeURIComponent(verdict.engine.arbiter);
  return statementOf(subjectsOf(verdict), summaryPredicateType, {
    verifier: { id: `urn:arbiter:verifier:${version}`, policies: policiesOf(verdict) },
    timeCreated: verdict.clock.wall,
    properties: propertiesOf(verdict),
  });
}

function policiesOf({ spec, policy }: Verdict): { name: string; digest: { sha256: string } }[] {
  const named = { spec: spec?.sha256, policy: policy.sha256, configuration: policy.config_sha256 };
  return Object.entries(named).flatMap(([name, sha256]) =>
    typeof sha256 === 'string' ? [{ name, digest: { sha256 } }] : [],
  );
}

function propertiesOf({ trust, spec, gates, waivers }: Verdict): string[] {
  const passed = gates.filter(({ outcome }) => outcome === 'pass').map(({ kind }) => `CAWS_GATE_${kind}_PASSED`);
  const named = [
    'CAWS_VERDICT_PASS',
    `CAWS_TRUST_${trust}`,
    ...(spec === null ? [] : [`CAWS_RISK_TIER_${spec.risk_tier}`]),
    ...(waivers.length === 0 ? ['CAWS_WITHOUT_WAIVERS'] : []),
    ...passed,
  ];
  return [...new Set(named.map((name) => name.toUpperCase().replaceAll('-', '_')))].sort();
}
