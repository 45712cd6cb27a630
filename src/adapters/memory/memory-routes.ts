import { armKey } from '../../core/routing/arm.js';
import type { PolicyState } from '../../core/routing/policy.js';
import { unknownDecision } from '../../core/tasks/unknown-decision.js';
import type { ArmTally, RecordedDecision, RouteStore, RoutedOutcome, Told } from '../../ports/route-store.js';

/** The router's record and memory in this process, by the same rules as on PostgreSQL: for tests of what uses a store. */
export function createMemoryRoutes(): RouteStore {
  const decisions: Omit<RecordedDecision, 'outcomes'>[] = [];
  const told: Told[] = [];
  const memories = new Map<string, PolicyState>();
  const memoryOf = (scope: string, arm: string): PolicyState =>
    memories.get(`${scope} ${arm}`) ?? { arms: {}, pending: {} };
  const latest = (decisionId: string): RoutedOutcome[] => {
    const last = new Map<string, RoutedOutcome>();
    for (const { outcome } of told) if (outcome.decisionId === decisionId) last.set(outcome.arm, outcome);
    return [...last.values()];
  };
  const whole = (kept: Omit<RecordedDecision, 'outcomes'>): RecordedDecision => ({
    ...structuredClone(kept),
    outcomes: latest(kept.decision.id),
  });
  return {
    async record(decision, repository) {
      const { task_id: taskId, attempt, scope } = decision;
      const stands = decisions.find((one) => one.decision.task_id === taskId && one.decision.attempt === attempt);
      if (stands !== undefined) return structuredClone(stands.decision);
      decisions.push({ decision: structuredClone(decision), repository });
      const arm = armOf(decision);
      const { arms, pending } = memoryOf(scope, arm);
      memories.set(`${scope} ${arm}`, { arms, pending: { ...pending, [arm]: (pending[arm] ?? 0) + 1 } });
      return decision;
    },
    async read(id) {
      const found = decisions.find(({ decision }) => decision.id === id);
      if (found === undefined) throw unknownDecision(id);
      return whole(found);
    },
    ofTask: async (taskId) => decisions.filter(({ decision }) => decision.task_id === taskId).map(whole),
    async lastOfSession({ session, repository, beside }) {
      const [last] = decisions
        .filter((one) => one.repository === repository && one.decision.affinity?.session === session)
        .filter(({ decision }) => decision.task_id !== beside)
        .toSorted(({ decision: a }, { decision: b }) => b.at_ms - a.at_ms || (a.id < b.id ? 1 : -1));
      return last === undefined ? null : whole(last);
    },
    list: async ({ sinceMs, limit }) =>
      decisions
        .filter(({ decision }) => decision.at_ms >= sinceMs)
        .toReversed()
        .slice(0, limit)
        .map(whole),
    async recall(scope, arms) {
      const all = arms.map((arm) => memoryOf(scope, arm));
      const memory = {
        arms: Object.assign({}, ...all.map((one) => one.arms)) as PolicyState['arms'],
        pending: Object.assign({}, ...all.map((one) => one.pending)) as PolicyState['pending'],
      };
      return { memory: structuredClone(memory), unreadable: [] };
    },
    async settle(outcome, scope, lesson) {
      const before = latest(outcome.decisionId).find(({ arm }) => arm === outcome.arm);
      if (before !== undefined && before.revision >= outcome.revision) return 'known';
      const found = decisions.find(({ decision }) => decision.id === outcome.decisionId);
      if (found === undefined) throw unknownDecision(outcome.decisionId);
      memories.set(`${scope} ${outcome.arm}`, lesson(memoryOf(scope, outcome.arm), before ?? null));
      told.push({ decision: found.decision, outcome, before: before ?? null });
      return 'learned';
    },
    async mend(scope, arm, relearn, how) {
      const own = told.filter((one) => one.decision.scope === scope && one.outcome.arm === arm);
      const waiting = decisions.filter(
        ({ decision }) =>
          decision.scope === scope && armOf(decision) === arm && !latest(decision.id).some((one) => one.arm === arm),
      );
      const fresh = relearn(own, waiting.length, arm);
      const isOther = JSON.stringify(fresh) !== JSON.stringify(memoryOf(scope, arm));
      if (how === undefined) memories.set(`${scope} ${arm}`, fresh);
      return isOther;
    },
    remembered: async () =>
      [...memories.keys()].map((key) => {
        const [scope = '', arm = ''] = key.split(' ');
        return { scope, arm };
      }),
    async *outcomes() {
      yield decisions
        .toSorted((a, b) => (a.decision.id < b.decision.id ? -1 : 1))
        .flatMap(({ decision }) => {
          const { id, task_id: taskId, surface, complexity } = decision;
          return latest(id).map((outcome) => ({ ...outcome, taskId, surface, complexity }));
        });
    },
    unsettled: async (limit) => {
      const open = decisions.filter(({ decision }) => !latest(decision.id).some(({ arm }) => arm === armOf(decision)));
      return [...new Set(open.slice(0, limit).map(({ decision }) => decision.task_id))];
    },
    // Summed when asked: they cannot be unequal.
    checkSums: async () => [],
    tally: async (arms) => decisions.map(whole).flatMap((one) => tallyOne(one, arms)),
  };
}

function armOf({ eligible, chosen }: RecordedDecision['decision']): string {
  return armKey(eligible.find(({ arm }) => arm.agent === chosen)?.arm ?? { agent: chosen, version: '' });
}

function tallyOne({ decision, repository, outcomes }: RecordedDecision, arms: readonly string[]): ArmTally[] {
  const { surface, complexity } = decision;
  return outcomes.flatMap(({ arm, reward, costMicroUsd, latencyMs }) =>
    reward === null || !arms.includes(arm)
      ? []
      : [{ arm, surface, complexity, repository, count: 1, reward, costMicroUsd, latencyMs }],
  );
}
