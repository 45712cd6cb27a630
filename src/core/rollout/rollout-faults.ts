import { Fault } from '../fault.js';
import type { Rollout } from './rollout.js';

/** The fault of a rollout that would divide tasks that another one divides. */
export function runningRollout({ id, subject }: Pick<Rollout, 'id' | 'subject'>): Fault<'ROLLOUT_RUNNING'> {
  return new Fault('ROLLOUT_RUNNING', `rollout ${id} from ${subject.incumbent} to ${subject.candidate} is running`, {
    mend: `end it first: arbiter rollout promote ${id}, or arbiter rollout abort ${id}`,
  });
}

/** The fault of a rollout that is not in the store. */
export function unknownRollout(name: string): Fault<'ROLLOUT_UNKNOWN'> {
  return new Fault('ROLLOUT_UNKNOWN', `there is no rollout ${JSON.stringify(name)}`, {
    mend: 'arbiter rollout status shows those that there are',
  });
}
