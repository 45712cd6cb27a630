import { findingOf } from '../../core/caws/finding.js';
import { type GateJudgement, judgementOf } from '../../core/caws/gate/gate-judgement.js';
import { testRules } from '../../core/caws/gate/test-rules.js';
import type { CoverageShelf, Deliberation, NamedGate } from './deliberation.js';
import { errorJudgement } from './gate-outcome.js';
import { judgeShelved, shelve } from './coverage-shelf.js';
import { endedWords, promises, saidOf } from './read-reports.js';
import { runGate } from './run-gate.js';

/**
 * The candidate's tests once more without a tripwire. With one the command always ends red, which hides every other
 * reason for a red end (a threshold, an unhandled error, a second step of a script); without it the command must end
 * with 0. Coverage comes from this run too, since a tripwire's imports would count as covered.
 */
export async function confirmRun(
  deliberation: Deliberation,
  named: NamedGate,
  shelf: CoverageShelf,
): Promise<() => GateJudgement> {
  const { room } = deliberation;
  room.progress.note(`${named.name}: running them once more without a tripwire`);
  const process = await runGate(room, { gate: named.gate, side: 'candidate', overlay: new Map() });
  if (process.ended !== 'exited') {
    return () => errorJudgement(named.name, `without a tripwire ${endedWords(process)}`);
  }
  if (process.exit !== 0) {
    const message = `all tests passed and yet the command does not end with 0 when no tripwire is in it${saidOf(process)}`;
    return () => judgementOf([findingOf(testRules.exit, message)]);
  }
  if (!promises(named.gate.reports, 'coverage')) return () => judgementOf([]);
  shelve(shelf, deliberation, named, process);
  return () => judgeShelved(deliberation, named, shelf);
}
