import { findingOf } from '../../core/caws/finding.js';
import { behaviourRules } from '../../core/caws/gate/behaviour-rules.js';
import { type GateJudgement, judgementOf } from '../../core/caws/gate/gate-judgement.js';
import { judgeBaseTests } from '../../core/caws/gate/judge-base-tests.js';
import { judgeNewTests } from '../../core/caws/gate/judge-new-tests.js';
import type { TestReport } from '../../core/caws/gate/report.js';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import { type TestRun, partTripwire } from '../../core/caws/gate/test-run.js';
import type { BaseRun } from './base-run.js';
import { changedTestPaths, testsOf } from './changed-files.js';
import type { Deliberation, NamedGate } from './deliberation.js';
import { runTests } from './test-run.js';

export interface KnownRuns {
  readonly base: BaseRun;
  readonly candidate: TestRun;
}

type Proof = { readonly judgement: GateJudgement; readonly prefix: string };

/** Runs and judges the checks that outrank text rules: B1 and B3 (constitution §4), each where the change calls for it. */
export async function judgeBehaviour(
  deliberation: Deliberation,
  named: NamedGate,
  framework: TestFramework,
  known: KnownRuns,
): Promise<readonly Proof[]> {
  const paths = changedTestPaths(deliberation.change, framework);
  return [
    ...(await proveBaseTests(deliberation, named, framework, known, paths)),
    ...(await proveNewTests(deliberation, named, framework, known, paths)),
  ];
}

/**
 * B1, where any test file was touched: else the candidate's own run was B1 already. A new test file counts too, for it
 * may rewrite the known ones, or the product, on the disk before they are loaded.
 */
async function proveBaseTests(
  { room, change, spec }: Deliberation,
  { name, gate }: NamedGate,
  framework: TestFramework,
  { base }: KnownRuns,
  paths: readonly string[],
): Promise<readonly Proof[]> {
  if (base.run === null || paths.length === 0 || !hasTests(base.run)) return [];
  room.progress.note(`${name}: running the base's tests on the candidate's code (B1)`);
  const overlay = await testsOf(room.git, change.base, paths);
  const task = { gate, framework, side: 'candidate', overlay, places: base.places, modules: [] } as const;
  const result = await runTests(room, task);
  if (result.problem !== null) {
    const message = `the base’s tests gave no result on the candidate’s code: ${result.problem}`;
    return [{ judgement: judgementOf([findingOf(behaviourRules.B1, message)]), prefix: 'b1' }];
  }
  const admission = room.config.admissions[spec.id];
  const admitted = [...(admission?.changed_assertions ?? []), ...(admission?.removed_tests ?? [])];
  const judgement = judgeBaseTests({ run: result.run, base: withoutTripwire(base.run), admitted });
  return [{ judgement, prefix: 'b1' }];
}

/** B3, for the modes that change behaviour. With no test changed, the candidate's tests on the base are the base's run. */
async function proveNewTests(
  { room, change, spec }: Deliberation,
  { name, gate }: NamedGate,
  framework: TestFramework,
  { base, candidate }: KnownRuns,
  paths: readonly string[],
): Promise<readonly Proof[]> {
  if (spec.mode !== 'fix' && spec.mode !== 'feature') return [];
  const judge = (onBase: TestReport | null): readonly Proof[] => {
    const evidence = { mode: spec.mode, candidate: withoutTripwire(candidate), onBase };
    const judgement = judgeNewTests({ ...evidence, base: base.run === null ? null : withoutTripwire(base.run) });
    return [{ judgement, prefix: 'b3' }];
  };
  if (paths.length === 0) return judge(base.run === null ? null : withoutTripwire(base.run));
  room.progress.note(`${name}: running the candidate's tests on the base's code (B3)`);
  const overlay = await testsOf(room.git, change.tree, paths);
  const places = base.places;
  const result = await runTests(room, { gate, framework, side: 'base', overlay, places, modules: [] });
  const trusted = result.problem === null && (result.alive || places.length === 0);
  return judge(trusted ? withoutTripwire(result.run) : null);
}

function hasTests(run: TestRun): boolean {
  return partTripwire(run).others.tests.length > 0;
}

function withoutTripwire(run: TestRun): TestReport {
  return partTripwire(run).others;
}
