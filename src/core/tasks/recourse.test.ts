import { describe, expect, it } from 'vitest';
import { Fault } from '../fault.js';
import { errorClassSchema } from '../registry/error-class.js';
import { mayRetry } from '../registry/retry.js';
import { classFault } from './class-fault.js';
import { recourseOf } from './recourse.js';
import { nothingSpent } from './spend.js';
import { WorkFault } from './work-fault.js';

const mend = 'mend it';

describe('what helps after a fault', () => {
  it.each(errorClassSchema.options)('of class %s is the same agent only where a retry may help', (kind) => {
    expect(recourseOf('AGENT_FAILED', kind)).toBe(mayRetry(kind) ? 'retry' : 'escalate');
  });

  it('of no class is told by its code', () => {
    expect(recourseOf('CLONE_LOST', null)).toBe('retry');
    expect(recourseOf('NOTHING_EDITED', null)).toBe('refine');
    expect(recourseOf('AGENT_RESTING', null)).toBe('escalate');
    expect(recourseOf('anything', null)).toBe('escalate');
  });

  it('the answer outranks the code, and keeps what it said', () => {
    const answer = { status: 529, code: 'overloaded_error' };
    const fault = new WorkFault('ENDPOINT_BUSY', 'm', { mend, spend: nothingSpent, answer, retryAfterMs: 5 });
    expect(classFault(fault)).toEqual({ class: 'overload', status: 529, code: 'overloaded_error', retry_after_ms: 5 });
    expect(classFault(new WorkFault('ENDPOINT_BUSY', 'm', { mend, spend: nothingSpent }))?.class).toBe('rate-limit');
    expect(classFault(new Fault('CLONE_LOST', 'm', { mend }))).toBeNull();
  });
});
