import { Fault } from '../fault.js';

/** The fault of a waiver id that stands for other bytes already. */
export function existingWaiver(id: string): Fault<'WAIVER_EXISTS'> {
  return new Fault('WAIVER_EXISTS', `there is another waiver ${id} in this repository`, {
    mend: 'ask again: the next free number is taken',
  });
}

/** The fault of a waiver id that is not in the store. */
export function unknownWaiver(id: string): Fault<'WAIVER_UNKNOWN'> {
  return new Fault('WAIVER_UNKNOWN', `there is no waiver ${id} of this repository in the store`, {
    mend: 'see arbiter waiver list; a waiver of another repository is seen there alone (-C DIR)',
  });
}
