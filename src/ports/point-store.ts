import type { AdmittedOutcome } from '../core/learning/admit-outcome.js';
import type { DataPoint, PointKind } from '../core/learning/data-point.js';
import type { Outcome } from '../core/learning/outcome.js';

export type PointFaultCode = 'POINT_INSTANT_INVALID' | 'MONTH_OPEN';

/** How far a task's story is told in data points. */
export interface Told {
  readonly taskId: string;
  /** Place of the last event whose points are stored. */
  readonly step: number;
}

/** What of the store's tasks is told, and what is missing in it. */
export interface TrackedState {
  readonly tasks: number;
  /** Tasks whose story is further than its points. */
  readonly behind: number;
  readonly points: Readonly<Partial<Record<PointKind, number>>>;
  /** Outcomes that want a field, by field. */
  readonly missing: Readonly<Record<string, number>>;
  /** Outcomes that want nothing. */
  readonly wholeOutcomes: number;
  readonly lateOutcomes: number;
  /** Removed before anything was stored, by kind. */
  readonly removed: Readonly<Record<string, number>>;
  /** Ended tasks, and those of them of which every outcome wants nothing. */
  readonly ended: number;
  readonly complete: number;
  readonly months: readonly { readonly month: string; readonly points: number; readonly folded: boolean }[];
}

/** Sums that are left of a month that was folded. */
export interface FoldedRow {
  readonly month: string;
  readonly agent: string;
  readonly version: string;
  readonly model: string;
  readonly surface: string | null;
  readonly verdict: string;
  readonly outcomes: number;
  readonly reward: number;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface PointFilter {
  readonly kinds?: readonly PointKind[];
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/**
 * Data points of tasks: derived from their stories, so that all of it can be made again but what came late from outside.
 * @throws STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED
 */
export interface PointStore {
  /**
   * Stores points and how far their tasks are told with them, in one transaction; what is there already stays as it is.
   * Answers how many were new. Points of folded months are left out. @throws POINT_INSTANT_INVALID before 2020, after 2099
   */
  write(points: readonly DataPoint[], told: readonly Told[]): Promise<number>;
  /** How far the tasks are told; what is not named is at 0. */
  told(taskIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Tasks whose story is further than its points and has been quiet for so long, oldest first. */
  behind(quietMs: number, nowMs: number, limit: number): Promise<readonly string[]>;
  state(): Promise<TrackedState>;
  /** In the order of (instant, task, step, kind), page after page; late outcomes stand in the place of those they revise. */
  read(filter: PointFilter): AsyncIterable<readonly DataPoint[]>;
  /** The newest word on each execution. */
  readOutcomes(filter: Pick<PointFilter, 'sinceMs' | 'untilMs'>): AsyncIterable<readonly Outcome[]>;
  /** Judges outcomes from outside against what is known, one after the other, and stores what is taken. */
  takeLate(outcomes: readonly Outcome[], nowMs: number): Promise<readonly AdmittedOutcome[]>;
  /** All outcomes from outside that were taken for a task, in the order of execution and revision. */
  late(taskId: string): Promise<readonly Outcome[]>;
  /** Tasks with an outcome from outside that follows a decision and was not noted as learned, oldest first. */
  unlearned(limit: number): Promise<readonly string[]>;
  /** Notes that router and registry have learned these outcomes from outside; noting it again changes nothing. */
  noteLearned(outcomes: readonly Outcome[]): Promise<void>;
  /** Folds a month into sums and drops its points. @throws MONTH_OPEN for the present month or a later one */
  fold(month: string, nowMs: number): Promise<{ readonly points: number; readonly rows: number }>;
  folded(): Promise<readonly FoldedRow[]>;
}
