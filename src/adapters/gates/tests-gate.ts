import type { GateConfig } from '../../core/caws/arbiter-config.js';
import { findingOf } from '../../core/caws/finding.js';
import { type GateJudgement, judgementOf } from '../../core/caws/gate/gate-judgement.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { judgeTests } from '../../core/caws/gate/judge-tests.js';
import { detectTestCommand, type TestCommand, type TestFramework } from '../../core/caws/gate/test-framework.js';
import { aliveRules } from '../../core/caws/gate/tripwire/alive-rules.js';
import { isSameClass, type TripwirePlace, tripwirePlaces } from '../../core/caws/gate/tripwire/tripwire-place.js';
import { type BaseRun, runBase } from './base-run.js';
import { judgeBehaviour } from './behaviour.js';
import { changedModules, testPathsOf } from './changed-files.js';
import type { CoverageShelf, Deliberation, NamedGate } from './deliberation.js';
import { errorJudgement, joinJudgements, notRunOutcome, outcomeOf } from './gate-outcome.js';
import { confirmRun } from './confirm-run.js';
import { promises } from './read-reports.js';
import { runTests, type TestResult } from './test-run.js';
import { modulesThatEndTheRun } from './deadly-modules.js';
import { unmetGoModules } from './go-vendoring.js';

/**
 * Runs a tests gate: the base, the candidate with tripwires, and when those are well what only a run without tripwires
 * shows, B1 and B3. The answer is judged once all gates have run.
 */
export async function runTestsGate(
  deliberation: Deliberation,
  named: NamedGate,
  shelf: CoverageShelf,
): Promise<() => GateOutcome> {
  const { room } = deliberation;
  const command = detectTestCommand(named.gate.command, deliberation.scripts);
  if (!promises(named.gate.reports, 'tests')) {
    const mend = 'add a report (junit or ctrf) to the gate';
    return () => notRunOutcome(named, 'a tests gate needs a report of its tests', mend);
  }
  if (command === null) return () => unknownRunner(named);
  const unmet = command.framework === 'go' ? await unmetGoModules(room, named.gate.cwd) : null;
  if (unmet !== null) return () => notRunOutcome(named, unmet, 'commit a vendor folder (go mod vendor)');
  const base = await runBase(deliberation, named, command.framework);
  const { result, setAside } = await runCandidate(deliberation, named, command, base);
  if (result.problem !== null) {
    const judgement = errorJudgement(named.name, result.problem, { tripwire: 'missing' });
    return () => outcomeOf(room, named, result.process, judgement);
  }
  const { run } = result;
  const removedTests = room.config.admissions[deliberation.spec.id]?.removed_tests ?? [];
  const judgement = judgeTests({ candidate: run, base: base.run, removedTests });
  const loading = { judgement: judgeLoading(result.notLoaded, setAside), prefix: '' };
  // A dead or red run is a FAIL that no further proof can lift.
  if (judgement.findings.some((finding) => finding.severity === 'block')) {
    return () => outcomeOf(room, named, result.process, joinJudgements(judgement, [loading]));
  }
  const needsConfirming = !command.direct || promises(named.gate.reports, 'coverage');
  const confirmed = needsConfirming ? await confirmRun(deliberation, named, shelf) : null;
  const behaviour = await judgeBehaviour(deliberation, named, command.framework, { base, candidate: run });
  return () => {
    const quiet = confirmed === null ? [] : [{ judgement: confirmed(), prefix: '' }];
    return outcomeOf(room, named, result.process, joinJudgements(judgement, [loading, ...quiet, ...behaviour]));
  };
}

function unknownRunner(named: NamedGate): GateOutcome {
  return notRunOutcome(
    named,
    'its command is none of the test runners into which a tripwire can be planted (node --test, vitest, jest, mocha, pytest, gotestsum)',
    'let the gate’s command, or the package script behind it, call one of these runners',
  );
}

async function runCandidate(
  deliberation: Deliberation,
  { name, gate }: NamedGate,
  { framework }: TestCommand,
  base: BaseRun,
): Promise<{ readonly result: TestResult; readonly setAside: readonly string[] }> {
  const { room, change } = deliberation;
  const places = candidatePlaces(deliberation, gate, framework, base);
  const modules = changedModules(change, framework);
  const placesUnknown = base.places.length === 0;
  const task = { gate, framework, side: 'candidate', overlay: new Map(), places, placesUnknown } as const;
  room.progress.note(`${name}: running the candidate's tests`);
  const result = await runTests(room, { ...task, modules });
  const isAlive = (one: TestResult): boolean => one.problem === null && one.alive;
  if (isAlive(result) || modules.length === 0) return { result, setAside: [] };
  // A program that ends its process when it is imported did so on the base too, or is new. Left out, it harms no test
  // there is: a tripwire stands at the end of each test file, and all of these must be reported.
  const deadly = await modulesThatEndTheRun(deliberation, gate, framework, places, modules);
  const fresh = modules.filter((module) => !deliberation.basePaths.includes(module));
  for (const setAside of [deadly, [...deadly, ...fresh]]) {
    if (setAside.length === 0) continue;
    const rest = modules.filter((module) => !setAside.includes(module));
    const again = await runTests(room, { ...task, modules: rest });
    if (isAlive(again)) return { result: again, setAside };
  }
  return { result, setAside: [] };
}

/** Where the base's run was seen to find tests, and the candidate's new test files named in the same way. */
function candidatePlaces(
  { basePaths, candidatePaths }: Deliberation,
  gate: GateConfig,
  framework: TestFramework,
  base: BaseRun,
): readonly TripwirePlace[] {
  const all = tripwirePlaces(framework, testPathsOf(gate, candidatePaths));
  if (base.places.length === 0) return all;
  const live = base.places.filter(({ file }) => file === null);
  const fresh = all.filter((place) => place.file !== null && !basePaths.includes(place.file));
  return [...base.places, ...fresh.filter((place) => live.some((one) => isSameClass(one, place)))];
}

function judgeLoading(notLoaded: readonly string[], setAside: readonly string[]): GateJudgement {
  const findings = [
    ...notLoaded.map((text) => findingOf(aliveRules.notLoaded, `a changed module could not be imported: ${text}`)),
    ...setAside.map((path) =>
      findingOf(
        aliveRules.endsRun,
        `${path} was left out of the tripwire: it, or another new module, ends or holds its process when imported`,
        { path },
      ),
    ),
  ];
  return judgementOf(findings);
}
