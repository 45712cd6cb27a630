import { digestText } from '../digest.js';
import type { Mask } from '../routing/mask.js';
import { policyKey } from '../routing/policy-key.js';
import { type PolicyOptions, policyOptionsSchema } from '../routing/policy-options.js';
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

/** Whether a rollout still says who works: of a version, once the registry did what its end asks for, the registry does. */
function isBearing({ brought, state, settled }: Pick<Rollout, 'brought' | 'state' | 'settled'>): boolean {
  return state === 'running' || brought?.what !== 'version' || settled === null;
}

/** What is asked of the rollouts about one arm and one task. */
export interface RolloutQuestion {
  /** `agent@version`. */
  readonly key: string;
  /** Whether it is a version that stands beside the one in use: it works by the word of a rollout alone. */
  readonly isBeside: boolean;
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
  const { key, taskId, surface, tried, isBeside } = question;
  const rollout = rollouts.find(
    (one) => one.subject.kind !== 'policy' && names(one.subject, key) && covers(one.surface, surface) && isBearing(one),
  );
  if (rollout === undefined) return isBeside ? ungiven(key) : null;
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

function ungiven(key: string): Mask {
  return {
    mask: 'rollout',
    detail: `no rollout gives ${key} this kind of task`,
    mend: 'arbiter rollout status shows what runs',
  };
}

/**
 * The policy that decides about a task in place of the `usual` one: the side of the newest policy rollout that names it,
 * with all its options. A configuration that names another policy, or other options, is not overruled.
 */
export function policyByRollout(
  usual: PolicyOptions,
  { taskId, surface }: Pick<RolloutQuestion, 'taskId' | 'surface'>,
  rollouts: readonly Rollout[],
): PolicyOptions {
  const rollout = rollouts.find((one) => dividesPolicy(one, usual) && covers(one.surface, surface));
  return rollout === undefined ? usual : policyOf(rollout, admitByRollout(taskId, rollout));
}

/** Whether a rollout is about this policy, with these options. */
export function dividesPolicy({ subject }: Pick<Rollout, 'subject'>, usual: PolicyOptions): boolean {
  return subject.kind === 'policy' && names(subject, policyKey(usual));
}

/** The policy of a side, with all its options. */
export function policyOf({ subject, brought }: Pick<Rollout, 'subject' | 'brought'>, side: Side): PolicyOptions {
  if (brought?.what === 'policies') return brought[side];
  return policyOptionsSchema.parse({ name: subject[side].slice(0, subject[side].indexOf('@')) });
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
