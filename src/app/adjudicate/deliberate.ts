import type { Change } from '../../core/caws/change.js';
import type { FileFacts } from '../../core/caws/file-facts.js';
import { type Finding } from '../../core/caws/finding.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { judgeClaims } from '../../core/caws/gate/judge-claims.js';
import { judgeGates } from '../../core/caws/gate/judge-gates.js';
import { judgeRequiredGates } from '../../core/caws/gate/required-gates.js';
import { digestBytes } from '../../core/digest.js';
import { isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OperationContext } from '../operation.js';
import type { Constitution } from './admit.js';
import type { SubmittedPlea } from './read-plea.js';

export interface Deliberation {
  readonly gates: readonly GateOutcome[];
  /** What is found by looking at all gates together: missing ones, and claims that they belie. */
  readonly findings: readonly Finding[];
}

/**
 * Runs the gates of the base's configuration on the candidate and compares what the worker claims with what they
 * measured (constitution §4). Without a valid spec nothing is run: the verdict is FAIL already.
 */
export async function deliberate(
  ports: Ports,
  git: GitSession,
  matter: {
    readonly change: Change;
    readonly facts: readonly FileFacts[];
    readonly constitution: Constitution;
    readonly plea: SubmittedPlea;
  },
  { progress, signal }: OperationContext,
): Promise<Deliberation> {
  const { change, facts, constitution, plea } = matter;
  const { spec, policy, config } = constitution;
  if (spec === null) return { gates: [], findings: [] };
  progress.stage('deliberate', 'the gates of the base');
  const run = { git, change, spec, policy, config, facts, progress, signal };
  const gates = judgeGates(await ports.gateRunner.run(run));
  const claims = judgeClaims({
    evidence: plea.evidence,
    outcomes: gates,
    digests: await digestReports(git, change, plea),
  });
  return { gates, findings: [...judgeRequiredGates(spec, policy, config), ...claims] };
}

async function digestReports(
  git: GitSession,
  change: Change,
  plea: SubmittedPlea,
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const { report } of plea.evidence) {
    if (report === undefined || digests.has(report.path)) continue;
    const bytes = await readReport(git, change, report.path);
    if (bytes !== null) digests.set(report.path, digestBytes(bytes));
  }
  return digests;
}

/** The worker names the path: a folder, a link or a file too big there is no report, and no reason not to judge. */
async function readReport(git: GitSession, change: Change, path: string): Promise<Uint8Array | null> {
  try {
    return await git.readFile(change.tree, path);
  } catch (error) {
    if (!isFault(error, 'GIT_FAILED')) throw error;
    return null;
  }
}
