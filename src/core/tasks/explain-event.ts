import type { ClassedFault } from '../registry/error-class.js';
import type { RoutePlan } from '../routing/plan.js';
import type { Spend } from './spend.js';
import type { TaskEvent, TaskEventOf } from './task-event.js';

type Explain = { readonly [Type in TaskEvent['type']]: (event: TaskEventOf<Type>) => string };

const explain: Explain = {
  'task-submitted': () => 'submitted',
  'task-admitted': (event) => `admitted under ${event.spec_id} on ${event.base.slice(0, 12)}`,
  'admission-refused': (event) => `refused: ${event.reason.message}`,
  'task-planned': ({ chunks, by }) =>
    chunks.length === 1 ? 'not divided' : `divided into ${chunks.map((chunk) => chunk.id).join(', ')} (by ${by})`,
  'worker-chosen': ({ ladder, routed }) =>
    routed === undefined
      ? `agents, in this order: ${ladder.join(', ')}`
      : `routed: ${explainPlan(routed.plan)} (arbiter route explain ${routed.decision})`,
  'plan-reviewed': explainReview,
  'no-worker-found': (event) => `no agent: ${event.reason.message}`,
  'work-started': ({ agents, resumes }) =>
    `work starts: ${agents.join(', ')}${resumes === true ? ', on the parts that are finished' : ''}`,
  'plan-proposed': (event) =>
    `plan of edit admitted: ${count(event.files, 'file')}, ${count(event.lines, 'line')}${cost(event.spend)}`,
  'plan-refused': (event) => `plan of edit refused: ${event.headline}${cost(event.spend)}`,
  'chunk-finished': (event) => `part ${event.chunk} is done${cost(event.spend)}`,
  'plea-submitted': ({ worker, spend }) => `${worker.agent} pleads (${worker.model})${cost(spend)}`,
  'work-failed': ({ reason, fault, unretried, spend }) =>
    `work failed${fault === undefined ? '' : ` (${explainFault(fault)})`}: ${reason.message}${explainBudget(unretried)}${cost(spend)}`,
  'candidate-cancelled': (event) =>
    `candidate ${event.candidate} is stopped ${event.after_ms} ms after the PASS of candidate ${event.winner}${cost(event.spend)}`,
  'infeasibility-pleaded': (event) => `pleads that ${event.clause} cannot be met: ${event.evidence}`,
  'amendment-requested': (event) => `asks for more scope (${event.paths.join(', ')}): ${event.why}`,
  'plea-examined': (event) =>
    `examined: ${count(event.files, 'file')}, ${count(event.lines, 'line')}, ${
      event.open.length === 0 ? 'nothing stands against it' : `${event.open.join(', ')} against it`
    }`,
  'deliberation-started': () => 'deliberation: gates for what the examination did not block',
  'verdict-reached': (event) => `verdict ${event.verdict_id}: ${event.headline}`,
  'verdict-recorded': ({ files, kept }) =>
    `${files.signature === null ? 'written, unsigned' : 'signed'}${kept === null ? '' : `; candidate kept at ${kept.ref}`}`,
  'human-answered': (event) => `${event.by} answered on ${event.base.slice(0, 12)}`,
  'task-taken-over': (event) => `taken up by ${event.executor}`,
  'fault-raised': (event) => `fault in ${event.stage}: ${event.reason.message}${event.again ? ' (tried again)' : ''}`,
  'deadline-passed': () => 'the deadline passed',
  'task-cancelled': (event) => `cancelled by ${event.by}`,
};

/** What happened, in one line for a person. */
export function explainEvent(event: TaskEvent): string {
  // Each entry takes the event of its own key.
  const tell = explain[event.type] as (event: TaskEvent) => string;
  return tell(event);
}

function explainBudget(unretried: TaskEventOf<'work-failed'>['unretried']): string {
  if (unretried === undefined) return '';
  return `; no retry: the budget is spent (${unretried.retries} to ${count(unretried.tasks, 'task')} within the hour)`;
}

/** What kind of fault of a call it was, with what the endpoint answered, such as `rate-limit, 429 rate_limit_error`. */
export function explainFault({ class: kind, status, code }: ClassedFault): string {
  return [kind, [status, code].filter((part) => part !== null).join(' ')].filter((part) => part !== '').join(', ');
}

/** What a review of a cascade found, in words. */
export function explainReview(review: TaskEventOf<'plan-reviewed'>): string {
  const { about, because, success, stop_below: least, cost_micro_usd: price, left_micro_usd: left, steps } = review;
  const figures = `success ${percent(success)} by what is known now, worth ${showMoney(price)} from ${percent(least)} on`;
  if (because === 'money')
    return `${about} is not asked: ${showMoney(price)} is more than the ${showMoney(left ?? 0)} that are left`;
  if (because === 'not-worth-it')
    return `the cascade stops before ${steps.join(', ')}: the best of them is ${about}, ${figures}`;
  const passed = steps.slice(0, steps.indexOf(about));
  return `the cascade goes on with ${about}${passed.length === 0 ? '' : ` and passes over ${passed.join(', ')}`}: ${figures}`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** How the agents of a plan are asked, in words. */
export function explainPlan(plan: RoutePlan): string {
  switch (plan.kind) {
    case 'single':
      return plan.agent;
    case 'cascade':
      return `${plan.steps.join(', then ')}, until one passes`;
    case 'race':
      return `${plan.agents.join(' against ')}, the first PASS ends the others`;
    case 'hybrid':
      return `${plan.first}, and ${plan.second} too unless it has passed after ${(plan.hedge_ms / 1000).toFixed(1)} s`;
    case 'parallel':
      return `${plan.agents.join(' beside ')}, the best is taken`;
  }
}

/** Dollars with as many digits as are worth reading, such as `$0.0123`; integers stay exact. */
export function showMoney(microUsd: number): string {
  const dollars = microUsd / 1_000_000;
  return `$${dollars === 0 ? '0' : dollars < 1 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
}

function cost({ micro_usd, input_tokens, output_tokens }: Spend): string {
  if (micro_usd === 0 && input_tokens + output_tokens === 0) return '';
  return ` · ${showMoney(micro_usd)}, ${input_tokens + output_tokens} tokens`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
