import type { ArbiterConfig, GateKind } from '../arbiter-config.js';
import { type Finding, type Severity, findingOf } from '../finding.js';
import { type Policy, tierThresholds } from '../policy.js';
import type { WorkingSpec } from '../working-spec.js';
import { requiredRule } from './gate-rules.js';
import { sourceLanguage } from './source-language.js';

// What CAWS policies call the gates (constitution §7, Waiver B).
const cawsNames: Readonly<Partial<Record<GateKind, string>>> = {
  coverage: 'coverage_threshold',
  mutation: 'mutation_threshold',
  contracts: 'contract_compliance',
  security: 'security_scan',
  accessibility: 'accessibility_check',
  performance: 'performance_budget',
};

interface RequiredGate {
  readonly kind: GateKind;
  /** What it means that the gate is not configured. */
  readonly severity: Severity;
  readonly reason: string;
}

/**
 * The gates that a change must pass through (constitution §2, thresholds by tier; §4 B4).
 * - tests: always; `block`.
 * - coverage: in every tier, since every tier has a threshold; `waivable`.
 * - mutation: not by tier, since B4 is mandatory only where a tool or our mutator covers the language, and ours
 *   (`mutationSource`) stands in for JavaScript and TypeScript wherever no tool is configured.
 * - contracts: when the tier asks for them, the spec lists some, and the mode is not `chore`; `waivable`.
 * - security, accessibility, performance, mutation: when the policy enables their CAWS gate in mode `block`; `waivable`.
 * A policy gate that is disabled, or in mode `warn` or `skip`, lowers a waivable demand to `advisory`; tests stay.
 */
function requiredGates(spec: WorkingSpec, policy: Policy): readonly RequiredGate[] {
  const tier = tierThresholds[spec.riskTier];
  const demands: (readonly [GateKind, boolean, string])[] = [
    ['coverage', true, `tier ${spec.riskTier} asks for branch coverage`],
    ['mutation', false, ''],
    [
      'contracts',
      tier.contracts && spec.contracts.length > 0 && spec.mode !== 'chore',
      `tier ${spec.riskTier} asks for contracts`,
    ],
    ['security', false, ''],
    ['accessibility', false, ''],
    ['performance', false, ''],
  ];
  const asked = demands.flatMap(([kind, byTier, reason]): readonly RequiredGate[] => {
    const rule = policy.gates[cawsNames[kind] ?? ''];
    const wanted = rule !== undefined && rule.enabled && rule.mode === 'block';
    if (!byTier && !wanted) return [];
    const severity = rule === undefined || wanted ? 'waivable' : 'advisory';
    return [{ kind, severity, reason: byTier ? reason : `the policy enables ${cawsNames[kind] ?? kind}` }];
  });
  return [{ kind: 'tests', severity: 'block', reason: 'every tier asks for tests' }, ...asked];
}

/** A finding for each required gate that the configuration lacks. A gate with `mandatory: false` does not count as had. */
export function judgeRequiredGates(spec: WorkingSpec, policy: Policy, config: ArbiterConfig): readonly Finding[] {
  const had = new Set(
    Object.values(config.gates)
      .filter((gate) => gate.mandatory)
      .map((gate) => gate.kind),
  );
  return requiredGates(spec, policy)
    .filter((gate) => !had.has(gate.kind))
    .map((gate) =>
      findingOf(requiredRule, `${gate.reason}, and .caws/arbiter.yaml has no mandatory ${gate.kind} gate`, {
        path: '.caws/arbiter.yaml',
        severity: gate.severity,
      }),
    );
}

/**
 * Who makes the mutants of B4: a configured mandatory mutation gate (`tool`); else in T1 and T2 our `line-mutator`, when
 * JavaScript or TypeScript product code changed; else nobody (`none`), since B4 is mandatory only where one covers the language.
 */
export function mutationSource(
  spec: Pick<WorkingSpec, 'riskTier'>,
  config: Pick<ArbiterConfig, 'gates'>,
  changedPaths: readonly string[],
): 'tool' | 'line-mutator' | 'none' {
  if (Object.values(config.gates).some((gate) => gate.kind === 'mutation' && gate.mandatory)) return 'tool';
  if (spec.riskTier === 3) return 'none';
  return changedPaths.some((path) => sourceLanguage(path) === 'javascript') ? 'line-mutator' : 'none';
}
