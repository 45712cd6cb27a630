import type { Finding } from '../core/caws/finding.js';
import type { Evidence, PlanOfEdit, Rationale } from '../core/caws/plea.js';
import type { WorkingSpec } from '../core/caws/working-spec.js';
import type { AgentProfile, Price } from '../core/registry/agent-profile.js';
import type { Bounds, Spend } from '../core/tasks/spend.js';

export type WorkerFaultCode =
  | 'AGENT_MISSING'
  | 'AGENT_FAILED'
  | 'AGENT_REFUSED_KEY'
  | 'AGENT_CANCELLED'
  | 'AGENT_RESTING'
  | 'ENDPOINT_DOWN'
  | 'ENDPOINT_BUSY'
  | 'BOUND_REACHED'
  | 'CLONE_LOST'
  | 'MODEL_RUNTIME_MISSING'
  | 'NOTHING_EDITED'
  | 'PLAN_UNREADABLE'
  | 'PRICE_UNKNOWN'
  | 'RECORDING_INVALID'
  | 'WORK_UNMEASURABLE';

/** A prompt as it is sent, with the version that a record names. */
export interface Prompt {
  /** Such as `work@1`. */
  readonly id: string;
  readonly sha256: string;
  readonly text: string;
}

/** One piece of work for one agent. */
export interface Assignment {
  readonly taskId: string;
  readonly attempt: number;
  readonly candidate: number;
  /** The part of the task that is meant; null for the whole. */
  readonly chunk: string | null;
  readonly agent: AgentProfile;
  /** Top of the repository, which is never written. */
  readonly repository: string;
  /** Commit that the private clone starts at. */
  readonly base: string;
  /** Change that is there already: earlier chunks, or the candidate that was refused. Null for none. */
  readonly startPatch: Uint8Array | null;
  readonly spec: WorkingSpec;
  /** Scope patterns that are read-only whatever the spec says. */
  readonly protectedPaths: readonly string[];
  readonly prompt: Prompt;
  readonly plan: PlanOfEdit | null;
  /** What stood against the candidate before, verbatim. */
  readonly findings: readonly Finding[];
  /** What is left of the task's bounds; enforced inside the run. */
  readonly bounds: Bounds;
  readonly sandbox: 'bubblewrap' | 'none';
}

/** What is told while an agent works; live only. */
export type WorkNews =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'tool'; readonly text: string }
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'spend'; readonly text: string; readonly spend: Spend };

/** Who worked, as the verdict records it. */
export interface WorkerIdentity {
  readonly agent: string;
  readonly version: string;
  readonly model: string;
}

/** What a worker hands in. The patch was measured by the Arbiter, not reported by the agent. */
export interface Submission {
  /** Against the assignment's base, `startPatch` included; as `git apply` takes it. */
  readonly patch: Uint8Array;
  readonly rationale: Rationale;
  readonly evidence: readonly Evidence[];
  readonly worker: WorkerIdentity;
  readonly spend: Spend;
  /** What was said and done, as JSON lines; secrets of ours are not in it. */
  readonly transcript: Uint8Array;
  readonly outcome:
    | { readonly kind: 'change' }
    /** The honest exit: the spec cannot be met as it stands (constitution §5). */
    | { readonly kind: 'infeasible'; readonly clause: string; readonly evidence: string }
    /** A wider scope is asked of a human, never taken. */
    | { readonly kind: 'amendment'; readonly paths: readonly string[]; readonly why: string };
}

export interface ProposedPlan {
  readonly plan: PlanOfEdit;
  readonly spend: Spend;
  readonly worker: WorkerIdentity;
}

/**
 * Someone who can be asked to work. Both verbs work in a private clone that is gone when they settle, and leave no
 * process behind. @throws WorkerFaultCode; a fault carries what was spent in `WorkFault.spend`
 */
export interface Worker {
  /** A question about the repository, answered with one JSON value; nothing is written. @throws PLAN_UNREADABLE */
  ask(
    assignment: Assignment,
    tell: (news: WorkNews) => void,
    signal: AbortSignal,
  ): Promise<{ readonly answer: unknown; readonly spend: Spend; readonly worker: WorkerIdentity }>;
  plan(assignment: Assignment, tell: (news: WorkNews) => void, signal: AbortSignal): Promise<ProposedPlan>;
  work(assignment: Assignment, tell: (news: WorkNews) => void, signal: AbortSignal): Promise<Submission>;
}

/** An agent's program on this machine. */
export interface FoundAgent {
  readonly program: string;
  readonly kind: 'acp' | 'cli';
  /** Absolute path. */
  readonly path: string;
  readonly version: string;
}

export interface Workers {
  /** @throws AGENT_MISSING, MODEL_RUNTIME_MISSING, PRICE_UNKNOWN, RECORDING_INVALID */
  workerOf(agent: AgentProfile): Promise<Worker>;
  /** Whether the agent could be asked right now: its program, key and runtime are there. Null, or what is missing and how to get it. */
  lacks(agent: AgentProfile): Promise<string | null>;
  /** What its model costs, and the version of the table: free where it can spend nothing, null where nobody knows. */
  priceOf(agent: AgentProfile): { readonly price: Price | null; readonly table: string };
  /** Known agents on PATH. */
  findInstalled(signal: AbortSignal): Promise<readonly FoundAgent[]>;
  /** A profile for a known program with its usual endpoint, or null when the program is not known. */
  suggest(program: string, kind: 'acp' | 'cli'): AgentProfile | null;
  /** Removes clones, sockets and processes that dead processes left behind; answers how many. */
  reap(): Promise<number>;
}
