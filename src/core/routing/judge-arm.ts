import type { AgentEntry } from '../registry/agent-entry.js';
import type { AgentProfile } from '../registry/agent-profile.js';
import { type AgentNeed, type Mismatch, mismatchesOf } from '../registry/capability-match.js';
import { capacityOf } from '../registry/health.js';
import { formatInstant } from '../time.js';
import type { Arm } from './arm.js';
import type { Mask, MaskName } from './mask.js';

/** An arm with what is known of it at the moment; what the router itself cannot know comes in as words. */
export interface Contender {
  readonly arm: Arm;
  readonly entry: AgentEntry;
  /** Expected cost of the task in micro-dollars; null: nobody knows its price. */
  readonly costMicroUsd: number | null;
  /** What it lacks on this machine, such as a program or a key; null: nothing. */
  readonly lacks: string | null;
  /** Why a rollout keeps it from this task; null: none does. */
  readonly withheld: string | null;
  /** Until when its breaker, or that of its endpoint, is open; null: closed. */
  readonly openUntilMs: number | null;
}

/** What a task asks of whoever works on it. */
export interface TaskNeed {
  readonly need: AgentNeed;
  /** Agents that were named; empty: any. */
  readonly named: readonly string[];
  /** Agents that have had their turn and failed. */
  readonly tried: readonly string[];
  /** What is left of the task's money; null: unbounded. */
  readonly budgetMicroUsd: number | null;
  readonly nowMs: number;
  /** It waits its turn where all are at work: load keeps nobody out. */
  readonly waits?: boolean;
}

const maskOfPart: Readonly<Record<Exclude<Mismatch['part'], 'status'>, MaskName>> = {
  task_type: 'capability',
  specialisation: 'capability',
  more: 'capability',
  language: 'language',
  residency: 'residency',
  context: 'context-length',
};

/**
 * Reasons that do not change while a registry snapshot and a kind of task last: status as people declared it, what the
 * agent can do, what it lacks, and whether it was named. Empty: none.
 */
export function standingMasks({ arm, entry, lacks, costMicroUsd }: Contender, task: TaskNeed): Mask[] {
  const { profile } = entry;
  const name = profile.name;
  const masks: Mask[] = [];
  if (profile.status !== 'available') masks.push(declaredMask(name, profile.status));
  if (task.named.length > 0 && !task.named.includes(name)) {
    masks.push({
      mask: 'not-named',
      detail: `the task names ${task.named.join(', ')}`,
      mend: 'name it, or name nobody',
    });
  }
  if (lacks !== null) masks.push({ mask: 'lacking', detail: lacks, mend: `arbiter agents check ${name} says more` });
  for (const found of mismatchesOf(profile, 'available', task.need)) {
    if (found.part !== 'status') masks.push(mismatchMask({ ...found, part: found.part }, name));
  }
  if (costMicroUsd === null && task.budgetMicroUsd !== null) {
    masks.push({
      mask: 'price-unknown',
      detail: `the task is bounded in money, and ${arm.model || name} has no known price`,
      mend: 'give it a price (arbiter agents add), or leave the money unbounded',
    });
  }
  return masks;
}

function declaredMask(name: string, status: Exclude<AgentProfile['status'], 'available'>): Mask {
  switch (status) {
    case 'retired':
      return { mask: 'retired', detail: 'is kept for its history alone', mend: `add it again as ${name}` };
    case 'draining':
      return { mask: 'drained', detail: 'takes no new task', mend: `arbiter agents drain ${name} --undo` };
    case 'offline':
      return { mask: 'health', detail: 'was put offline', mend: `declare ${name} available` };
  }
}

function mismatchMask(
  { part, wanted, has }: Mismatch & { readonly part: Exclude<Mismatch['part'], 'status'> },
  name: string,
): Mask {
  const mend = `say so in the profile of ${name} if it can, or ask for less`;
  return { mask: maskOfPart[part], detail: `${part.replace('_', ' ')} ${wanted} is asked for, it has ${has}`, mend };
}

/** What is said of an arm while its breaker is open; null: it is closed. Made once a field, since many decisions say it. */
export function breakerMask({ openUntilMs }: Contender): Mask | null {
  if (openUntilMs === null) return null;
  const detail = `its breaker is open until ${formatInstant(openUntilMs)}`;
  return { mask: 'breaker-open', detail, mend: 'wait, or mend what its faults name' };
}

/** Reasons of the moment: money, silence, breaker, load, rollout, and turns already had. Empty: none. */
export function momentMasks(contender: Contender, breaker: Mask | null, task: TaskNeed): Mask[] {
  const { entry, withheld, openUntilMs } = contender;
  const name = entry.profile.name;
  const masks: Mask[] = [];
  if (task.tried.includes(name)) {
    masks.push({ mask: 'tried', detail: 'has had its turn at this task', mend: 'allow more refinements' });
  }
  if (isBeyondBudget(contender, task)) masks.push(budgetMask(contender, task));
  if (entry.status === 'offline' && entry.profile.status === 'available') {
    masks.push({ mask: 'health', detail: 'was not heard of for a day', mend: `arbiter agents check ${name}` });
  }
  if (breaker !== null && isOpen(openUntilMs, task.nowMs)) masks.push(breaker);
  const capacity = capacityOf(entry.profile.limits.concurrency, entry.health);
  if (task.waits !== true && entry.load.running >= capacity) masks.push(loadMask(entry.load.running, capacity, name));
  if (withheld !== null) masks.push({ mask: 'rollout', detail: withheld, mend: 'arbiter rollout status says more' });
  return masks;
}

function isOpen(untilMs: number | null, nowMs: number): boolean {
  return untilMs !== null && untilMs > nowMs;
}

function isBeyondBudget({ costMicroUsd }: Contender, { budgetMicroUsd }: TaskNeed): boolean {
  return budgetMicroUsd !== null && costMicroUsd !== null && costMicroUsd > budgetMicroUsd;
}

function budgetMask({ costMicroUsd }: Contender, { budgetMicroUsd }: TaskNeed): Mask {
  const dollars = (micro: number | null): string => `$${((micro ?? 0) / 1e6).toFixed(4)}`;
  const detail = `is expected to cost ${dollars(costMicroUsd)}, and ${dollars(budgetMicroUsd)} are left`;
  return { mask: 'budget', detail, mend: 'raise the bound of money, or take a smaller task' };
}

function loadMask(running: number, capacity: number, name: string): Mask {
  const detail = `works on ${running} of ${capacity} tasks that it may have at a time`;
  return { mask: 'load', detail, mend: `wait, or raise the concurrency of ${name}` };
}
