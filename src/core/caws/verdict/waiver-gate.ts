import type { GateKind } from '../arbiter-config.js';

/** CAWS's gate of each kind of ours; kinds that CAWS has no gate for are waived by rule. */
const cawsGateOfKind: Readonly<Partial<Record<GateKind, string>>> = {
  coverage: 'coverage_threshold',
  mutation: 'mutation_threshold',
  contracts: 'contract_compliance',
  security: 'security_scan',
  accessibility: 'accessibility_check',
  performance: 'performance_budget',
};

const cawsGateOfRule: readonly [RegExp, string][] = [
  [/^budget\./, 'budget_limit'],
  [/^scope\./, 'scope_boundary'],
  [/^spec\./, 'spec_completeness'],
  [/^B4(\.|$)/, 'mutation_threshold'],
  ...Object.entries(cawsGateOfKind).map(([kind, gate]): [RegExp, string] => [
    new RegExp(`^(gate\\.)?${kind}(\\.|$)`),
    gate,
  ]),
];

/**
 * The name under `gates:` of a waiver that covers a rule: CAWS's own where it has one, else `rule:<id>`, such as
 * `rule:D4`.
 */
export function waiverGateOf(rule: string): string {
  return cawsGateOfRule.find(([pattern]) => pattern.test(rule))?.[1] ?? `rule:${rule}`;
}

/** True when a waiver's gates cover a rule, by CAWS's gate name or by `rule:<id>`. No gates cover nothing. */
export function gatesCoverRule(gates: readonly string[], rule: string): boolean {
  return gates.includes(waiverGateOf(rule)) || gates.includes(`rule:${rule}`);
}
