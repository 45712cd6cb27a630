import { digestText } from '../digest.js';
import type { Mask } from '../routing/mask.js';
import type { Surface } from '../routing/surface.js';
import type { Rollout, Side } from './rollout.js';
import { percentOf } from './stage.js';

/**
 * Where a task stands between 0 and 1 in a rollout: from a hash of both, so that a task keeps its side through retries,
 * crashes and replicas, a task that had the candidate keeps it when the percentage rises, and two rollouts divide tasks
 * independently.
 */
export function placeOfTask(rolloutId: string, taskId: string): number {
  return Number.parseInt(digestText(`rollout/${rolloutId}/${taskId}`).slice(0, 12), 16) / 2 ** 48;
}

/** Which side does the task's work. A rollout that was taken back leaves everything to the incumbent, one that was accepted to the candidate. */
export function admitByRollout(taskId: string, rollout: Pick<Rollout, 'id' | 'state' | 'stage'>): Side {
  if (rollout.state === 'rolled-back') return 'incumbent';
  if (rollout.state === 'finished') return 'candidate';
  return placeOfTask(rollout.id, taskId) * 100 < percentOf(rollout.stage) ? 'candidate' : 'incumbent';
}

/** What is asked of the rollouts about one arm and one task. */
export interface RolloutQuestion {
  /** `agent@version`. */
  readonly key: string;
  readonly taskId: string;
  readonly surface: Surface;
  /** Keys of arms that have worked on the task already. */
  readonly tried: readonly string[];
}

/**
 * The mask that rollouts lay on an arm, or null: the newest of them that names the arm speaks (`rollouts` newest first).
 * The candidate is kept from tasks that are not its; the incumbent from those that are, until the candidate has had its
 * turn: a fallback is no part of the comparison.
 */
export function maskByRollout(question: RolloutQuestion, rollouts: readonly Rollout[]): Mask | null {
  const { key, taskId, surface, tried } = question;
  const rollout = rollouts.find(
    ({ subject, surface: on }) => subject.kind !== 'policy' && names(subject, key) && covers(on, surface),
  );
  if (rollout === undefined) return null;
  const { id, subject, state, stage } = rollout;
  const side = key === subject.candidate ? 'candidate' : 'incumbent';
  const admitted = admitByRollout(taskId, rollout);
  if (side === admitted || (side === 'incumbent' && tried.includes(subject.candidate))) return null;
  const stands = state === 'running' ? `${stage}, ${percentOf(stage)} % of tasks go to ${subject.candidate}` : state;
  return {
    mask: 'rollout',
    detail: `rollout ${id} (${stands}) gives this task to the ${admitted}, ${subject[admitted]}`,
    mend: `arbiter rollout status ${id} shows where it stands; promote and abort change it`,
  };
}

/**
 * The key of the policy that decides about a task in place of the `usual` one: the side of the newest policy rollout that
 * names it. A configuration that names another policy is not overruled.
 */
export function policyByRollout(
  usual: string,
  { taskId, surface }: Pick<RolloutQuestion, 'taskId' | 'surface'>,
  rollouts: readonly Rollout[],
): string {
  const rollout = rollouts.find(
    ({ subject, surface: on }) => subject.kind === 'policy' && names(subject, usual) && covers(on, surface),
  );
  return rollout === undefined ? usual : rollout.subject[admitByRollout(taskId, rollout)];
}

/** Whether two rollouts would divide the same tasks of the same arm or policy. */
export function overlap(
  one: Pick<Rollout, 'subject' | 'surface'>,
  other: Pick<Rollout, 'subject' | 'surface'>,
): boolean {
  const isShared = names(one.subject, other.subject.incumbent) || names(one.subject, other.subject.candidate);
  const isPolicy = [one, other].map(({ subject }) => subject.kind === 'policy');
  return isShared && isPolicy[0] === isPolicy[1] && (other.surface === null || covers(one.surface, other.surface));
}

function names({ incumbent, candidate }: Rollout['subject'], key: string): boolean {
  return key === incumbent || key === candidate;
}

function covers(on: Rollout['surface'], surface: Surface): boolean {
  return on === null || on === surface;
}
