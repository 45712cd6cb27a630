import { z } from 'zod';

const agent = z.string();
const agents = z.array(agent).min(1).max(16);

/**
 * How the chosen agents are asked. `single`: one. `cascade`: one after another until a verdict passes; a step whose
 * predicted success is below `stop_below` is not begun. `race`: all at once, the first PASS ends the others. `hybrid`:
 * `second` starts after `hedge_ms` unless `first` has passed. `parallel`: all at once, all are judged, the best is taken.
 */
export const planSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('single'), agent }),
    z.strictObject({ kind: z.literal('cascade'), steps: agents, stop_below: z.number().min(0).max(1) }),
    z.strictObject({ kind: z.literal('race'), agents }),
    z.strictObject({
      kind: z.literal('hybrid'),
      first: agent,
      second: agent,
      hedge_ms: z.number().int().nonnegative(),
    }),
    z.strictObject({ kind: z.literal('parallel'), agents }),
  ])
  .meta({ id: 'RoutePlan' });
export type RoutePlan = z.infer<typeof planSchema>;

/** Agents of a plan in the order in which they begin. */
export function agentsOf(plan: RoutePlan): readonly string[] {
  switch (plan.kind) {
    case 'single':
      return [plan.agent];
    case 'cascade':
      return plan.steps;
    case 'hybrid':
      return [plan.first, plan.second];
    case 'race':
    case 'parallel':
      return plan.agents;
  }
}
