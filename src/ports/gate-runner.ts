import type { ArbiterConfig } from '../core/caws/arbiter-config.js';
import type { Change } from '../core/caws/change.js';
import type { FileFacts } from '../core/caws/file-facts.js';
import type { GateOutcome } from '../core/caws/gate/gate-outcome.js';
import type { Policy } from '../core/caws/policy.js';
import type { WorkingSpec } from '../core/caws/working-spec.js';
import type { GitSession } from './git.js';
import type { Progress } from './progress.js';

export interface GateRun {
  readonly git: GitSession;
  readonly change: Change;
  readonly spec: WorkingSpec;
  readonly policy: Policy;
  readonly config: ArbiterConfig;
  /** Facts of the changed files, small ones only: the mutator and the tripwire read them. */
  readonly facts: readonly FileFacts[];
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** Deliberation: runs every gate of the base's configuration on the candidate, and judges none of them by hearsay. */
export interface GateRunner {
  /** One outcome a gate, in the order of the configuration. A gate that could not run is `not_run` or `error`. */
  run(run: GateRun): Promise<readonly GateOutcome[]>;
  /** Plants a known-bad change per gate and asks for red (constitution §4 rule 6). */
  check(
    run: Omit<GateRun, 'change' | 'spec' | 'facts'> & { readonly base: string },
  ): Promise<
    readonly { readonly name: string; readonly life: 'alive' | 'dead' | 'unchecked'; readonly detail: string }[]
  >;
}
