import type { ArbiterConfig } from '../arbiter-config.js';
import { deriveBudget } from './derive-budget.js';
import type { Change } from '../change.js';
import { type Finding, sortFindings } from '../finding.js';
import type { PlanOfEdit } from '../plea.js';
import type { Policy } from '../policy.js';
import { compileScope, type Standing } from '../scope.js';
import { examineChangeTampering } from '../tamper/examine-tampering.js';
import type { AssessedWaiver } from '../verdict/waiver-standing.js';
import type { WorkingSpec } from '../working-spec.js';
import { examineBudget } from './examine-budget.js';
import type { FileExamination } from './examine-file.js';
import { examineKinds } from './examine-kinds.js';
import { examinePlan } from './examine-plan.js';
import { examineScope } from './examine-scope.js';
import { examineShadows } from './examine-shadows.js';
import type { Examination } from './examination.js';

/** Everything that the examination may know; all of it from the base commit, or measured. */
export interface PleaForExamination {
  /** Null in a repository without CAWS: then budget, scope and mode are not judged. */
  readonly spec: WorkingSpec | null;
  readonly policy: Policy;
  readonly config: ArbiterConfig;
  readonly plan: PlanOfEdit | null;
  readonly change: Change;
  /** One for each changed file, in any order. */
  readonly files: readonly FileExamination[];
  /** Paths of the candidate that exist among `listShadowCandidates`. */
  readonly existingOriginals: ReadonlySet<string>;
  readonly waivers: readonly AssessedWaiver[];
}

/** The scope of a spec under its policy and configuration, as one function of a path. */
export function scopeOf(spec: WorkingSpec | null, policy: Policy, config: ArbiterConfig): (path: string) => Standing {
  return compileScope({
    scope: spec?.scope ?? null,
    nonGovernedZones: policy.nonGovernedZones,
    rootPassthrough: policy.rootPassthrough,
    protectedPaths: config.protected,
  });
}

/**
 * Examination (constitution §3): budget, scope, protected paths, mode, plan of edit, tampering. Pure and total; the
 * order of files, findings and waivers does not change a byte of the answer.
 */
export function examinePlea(plea: PleaForExamination): Examination {
  const { spec, policy, config, change } = plea;
  const admission = spec === null ? null : (config.admissions[spec.id] ?? null);
  const findings: Finding[] = [
    ...examineScope(change.files, scopeOf(spec, policy, config), { scopeWaivable: config.scope_waivable }),
    ...examineKinds(change.files, admission),
    ...examineShadows(change.files, plea.existingOriginals),
    ...plea.files.flatMap((file) => file.findings),
    ...examineChangeTampering(
      plea.files.map((file) => file.notes),
      { change, spec, admission },
    ),
  ];
  if (plea.plan !== null) findings.push(...examinePlan(change, plea.plan, spec?.id ?? null));
  if (spec === null) return { findings: finish(findings, config), budget: null };
  const budget = deriveBudget(spec, policy, plea.waivers);
  findings.push(...examineBudget(change, budget.limits));
  return {
    findings: finish(findings, config),
    budget: {
      limits: budget.limits,
      measured: { files: change.totals.files, loc: change.totals.loc },
      source: budget.source,
      waiversApplied: [...budget.applied],
      waiversSkipped: budget.skipped.map(({ id, reason }) => ({ id, reason })),
    },
  };
}

/** Advisory rules that the configuration raises become graver; none ever becomes milder. */
function finish(findings: readonly Finding[], config: ArbiterConfig): Finding[] {
  return sortFindings(
    findings.map((finding) => {
      const raised = config.raise[finding.rule];
      const graver = raised !== undefined && (finding.severity === 'advisory' || raised === 'block');
      return graver ? { ...finding, severity: raised } : finding;
    }),
  );
}
