import { availableParallelism } from 'node:os';
import type { GateConfig } from '../../core/caws/arbiter-config.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { judgeMutation } from '../../core/caws/gate/judge-mutation.js';
import { applyMutant, type ProposedMutant, proposeMutants } from '../../core/caws/gate/propose-mutants.js';
import type { MutationReport } from '../../core/caws/gate/report.js';
import { mutationSource } from '../../core/caws/gate/required-gates.js';
import type { Syntax } from '../../ports/syntax.js';
import { changedLinesOf, type Deliberation, type NamedGate } from './deliberation.js';
import { errorJudgement, outcomeOf } from './gate-outcome.js';
import { endedWords, saidOf } from './read-reports.js';
import { type GateProcess, runGate } from './run-gate.js';

type Mutant = MutationReport['mutants'][number];

/** Name of the outcome that stands for B4 by our own mutants. */
const mutantsGateName = 'arbiter-mutants';
const allMutantsMs = 10 * 60_000;

/**
 * B4 by our own line mutator: each mutant of a changed line is put into a fresh checkout, and the first tests gate must
 * notice it. Null where a mutation tool is configured, or the mutator does not cover the language or the tier.
 * Mutants that do not parse are invalid; those left when ten minutes are over are not counted.
 */
export async function runMutants(
  deliberation: Deliberation,
  testsGate: NamedGate,
  syntax: Syntax,
): Promise<GateOutcome | null> {
  const { room, spec, change, facts } = deliberation;
  const paths = change.files.flatMap(({ newPath }) => (newPath === null ? [] : [newPath]));
  if (mutationSource(spec, room.config, paths) !== 'line-mutator') return null;
  const texts = new Map(facts.map((one) => [one.file.newPath ?? '', one.newText]));
  const files = changedLinesOf(deliberation).flatMap((file) => {
    const text = texts.get(file.path) ?? null;
    return text === null ? [] : [{ ...file, text }];
  });
  const mutants = proposeMutants(files, room.config.mutation.max_mutants);
  const named: NamedGate = {
    name: mutantsGateName,
    gate: { ...testsGate.gate, kind: 'mutation', mandatory: true },
  };
  const healthy = await runGate(room, { gate: testsGate.gate, side: 'candidate', overlay: new Map() });
  if (healthy.ended !== 'exited' || healthy.exit !== 0) {
    const reason = `the tests are not green without a mutant: ${endedWords(healthy)}${saidOf(healthy)}`;
    return outcomeOf(room, named, healthy, errorJudgement(mutantsGateName, reason));
  }
  const timeoutMs = Math.min(testsGate.gate.timeoutSeconds * 1000, 5000 + 5 * healthy.durationMs);
  room.progress.note(`${mutantsGateName}: trying ${mutants.length} mutants of the changed lines (B4)`);
  const tried = await tryAll(mutants, async (mutant): Promise<Mutant> => {
    const text = applyMutant(texts.get(mutant.path) ?? '', mutant);
    const outcome = parses(syntax, mutant.path, text)
      ? outcomeOfMutant(await runMutant(deliberation, testsGate.gate, mutant.path, text, timeoutMs))
      : 'invalid';
    return { path: mutant.path, line: mutant.line, description: mutant.description, outcome };
  });
  const judgement = judgeMutation({
    report: { mutants: tried },
    changed: changedLinesOf(deliberation),
    tier: spec.riskTier,
    policy: deliberation.policy,
    source: 'line-mutator',
  });
  const metrics = { ...judgement.metrics, proposed: mutants.length, notTried: mutants.length - tried.length };
  return outcomeOf(room, named, { ...healthy, endedMs: room.clock.nowMs() }, { ...judgement, metrics });
}

function runMutant(
  { room }: Deliberation,
  gate: GateConfig,
  path: string,
  text: string,
  timeoutMs: number,
): Promise<GateProcess> {
  return runGate(room, { gate, side: 'candidate', overlay: new Map([[path, text]]), timeoutMs });
}

function outcomeOfMutant(process: GateProcess): Mutant['outcome'] {
  if (process.ended !== 'exited') return 'timeout';
  return process.exit === 0 ? 'survived' : 'killed';
}

function parses(syntax: Syntax, path: string, text: string): boolean {
  return !syntax.covers(path) || syntax.extract(path, text).errorLines.length === 0;
}

/** Tries mutants side by side, in order, until the time for all of them is over. */
async function tryAll(
  mutants: readonly ProposedMutant[],
  attempt: (mutant: ProposedMutant) => Promise<Mutant>,
): Promise<readonly Mutant[]> {
  const deadlineMs = performance.now() + allMutantsMs;
  const results: (Mutant | undefined)[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < mutants.length; index = next++) {
      const mutant = mutants[index];
      if (mutant === undefined || performance.now() > deadlineMs) return;
      results[index] = await attempt(mutant);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(availableParallelism() / 2)) }, work));
  return results.filter((result) => result !== undefined);
}
