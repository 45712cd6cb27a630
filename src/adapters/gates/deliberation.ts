import type { GateConfig } from '../../core/caws/arbiter-config.js';
import type { Change } from '../../core/caws/change.js';
import type { FileFacts } from '../../core/caws/file-facts.js';
import type { ChangedLines } from '../../core/caws/gate/coverage-ratio.js';
import type { Policy } from '../../core/caws/policy.js';
import type { WorkingSpec } from '../../core/caws/working-spec.js';
import type { GateRoom } from './gate-room.js';
import type { ReadReport } from './read-reports.js';

/** One change before the gates: the room they run in and what the judges weigh it by. */
export interface Deliberation {
  readonly room: GateRoom;
  readonly change: Change;
  readonly spec: WorkingSpec;
  readonly policy: Policy;
  readonly facts: readonly FileFacts[];
  /** Paths of all files of the base's tree. */
  readonly basePaths: readonly string[];
  readonly candidatePaths: readonly string[];
  /** Package scripts of the base. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly cacheFolder: string;
}

/** A gate of the base's configuration. */
export interface NamedGate {
  readonly name: string;
  readonly gate: GateConfig;
}

/** Added and modified lines of the candidate's files, as the judges of coverage and mutation take them. */
export function changedLinesOf(deliberation: Deliberation): readonly ChangedLines[] {
  return deliberation.facts
    .filter((facts) => facts.file.newPath !== null)
    .map((facts) => ({ path: facts.file.newPath ?? '', lines: facts.addedLines.map(({ line }) => line) }));
}

/** Coverage reports by gate, or why a gate has none. */
export type CoverageShelf = Map<string, ReadReport<'coverage'>>;
