import { Fault } from '../fault.js';

/** There is no such decision of the router. */
export function unknownDecision(id: string): Fault<'DECISION_UNKNOWN'> {
  return new Fault('DECISION_UNKNOWN', `the router made no decision ${JSON.stringify(id.slice(0, 40))}`, {
    mend: 'arbiter route list shows its decisions; a task whose agents were named has none',
  });
}
