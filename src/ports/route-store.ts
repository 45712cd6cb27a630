import type { RouteDecision } from '../core/routing/decision.js';
import type { PolicyState } from '../core/routing/policy.js';
import type { Complexity, Surface } from '../core/routing/surface.js';

export type RouteStoreFaultCode = 'DECISION_UNKNOWN';

/** What an arm of a decision came to. Identity is (decision, arm); of several the greatest revision counts. */
export interface RoutedOutcome {
  readonly decisionId: string;
  /** Key of the arm: `agent@version`. */
  readonly arm: string;
  readonly agent: string;
  readonly verdict: 'PASS' | 'FAIL' | 'WAIVER_REQUIRED' | 'FAULT' | null;
  /** In [0, 1]; null: nothing is learned from it (stopped, or a fault of this machine). */
  readonly reward: number | null;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
  readonly failure: string | null;
  readonly atMs: number;
  readonly revision: number;
  /** How many of its revisions set it right (`arbiter track reconcile --mend`), where the story had said nothing new. */
  readonly mends: number;
}

/** An outcome that counts, with what it belongs to. */
export interface PlacedOutcome extends RoutedOutcome {
  readonly taskId: string;
  readonly surface: Surface;
  readonly complexity: Complexity;
}

/** Kept sums that are not what their outcomes add up to. */
export interface UnequalSum {
  readonly arm: string;
  readonly surface: string;
  readonly complexity: string;
  readonly repository: string;
  /** How many outcomes are kept in the sum, and how many there are. */
  readonly kept: number;
  readonly afresh: number;
}

/** Sums over the outcomes that count, of one arm on one surface in one repository, at one complexity. */
export interface ArmTally {
  readonly arm: string;
  readonly surface: Surface;
  readonly complexity: Complexity;
  readonly repository: string;
  readonly count: number;
  readonly reward: number;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
}

/** A decision, the repository that it was made for, and what its arms came to so far. */
export interface RecordedDecision {
  readonly decision: RouteDecision;
  /** Digest of the repository's place: what histories are pooled by. */
  readonly repository: string;
  readonly outcomes: readonly RoutedOutcome[];
}

/** The memory after an outcome; `before` is the one that it takes the place of, null for a first word. */
export type Lesson = (memory: PolicyState, before: Pick<RoutedOutcome, 'reward'> | null) => PolicyState;

/**
 * Decisions of the router, what came of them, and what policies remember: one truth for all processes that share the
 * store. A decision never changes; an outcome is learned once, however often and by however many it is told.
 */
export interface RouteStore {
  /**
   * Stores a decision and counts its chosen arm as pending. One task has one decision an attempt: the first one stands,
   * and is answered to whoever comes later.
   */
  record(decision: RouteDecision, repository: string): Promise<RouteDecision>;
  /** @throws DECISION_UNKNOWN */
  read(id: string): Promise<RecordedDecision>;
  /** In the order in which they were made; empty for a task that the router never saw. */
  ofTask(taskId: string): Promise<readonly RecordedDecision[]>;
  /** The latest decision of a session in a repository, but for those of one task; null where there is none. */
  lastOfSession(asked: {
    readonly session: string;
    readonly repository: string;
    /** The task that is left out. */
    readonly beside: string;
  }): Promise<RecordedDecision | null>;
  /** Newest first. */
  list(filter: { readonly sinceMs: number; readonly limit: number }): Promise<readonly RecordedDecision[]>;
  /** What is remembered of these arms in this scope, and the arms whose row cannot be read: they are to be mended. */
  recall(scope: string, arms: readonly string[]): Promise<{ memory: PolicyState; unreadable: readonly string[] }>;
  /**
   * Takes an outcome and the lesson of it in one transaction, one after the other for one arm of one scope. `known` where
   * this revision, or a later one, is there already; `unreadable` where the arm has to be mended first.
   */
  settle(outcome: RoutedOutcome, scope: string, lesson: Lesson): Promise<'learned' | 'known' | 'unreadable'>;
  /**
   * Makes the memory of one arm again from all that it was told, in that order, and stores it (unless it is only to be
   * looked at). Answers whether another one was there, or one that cannot be read.
   */
  mend(scope: string, arm: string, relearn: Relearn, how?: { readonly only: 'look' }): Promise<boolean>;
  /** Which arms are remembered in which scopes. */
  remembered(): Promise<readonly { readonly scope: string; readonly arm: string }[]>;
  /** Outcomes that count, of all decisions, in the order of decisions, so many at a time. */
  outcomes(): AsyncIterable<readonly PlacedOutcome[]>;
  /** Tasks with a decision whose chosen arm has no outcome yet, oldest first. */
  unsettled(limit: number): Promise<readonly string[]>;
  /** Outcomes that count, summed: the sums are kept with the outcomes, and are equal to them at any moment. */
  tally(arms: readonly string[]): Promise<readonly ArmTally[]>;
  /** Sums that are not what the outcomes add up to; with `mends` they are set right in the same moment. */
  checkSums(how: { readonly mends: boolean }): Promise<readonly UnequalSum[]>;
}

/** An outcome as it was learned. */
export interface Told {
  readonly decision: RouteDecision;
  readonly outcome: RoutedOutcome;
  readonly before: RoutedOutcome | null;
}

/** The memory of an arm from what it was told; `pending`: choices of it whose outcome has not come. */
export type Relearn = (told: readonly Told[], pending: number, arm: string) => PolicyState;
