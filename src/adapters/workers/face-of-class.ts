import type { EndpointAnswer, ErrorClass } from '../../core/registry/error-class.js';
import type { WorkerFaultCode } from '../../ports/worker.js';

/** The fault that a worker tells a failed call of its endpoint as, and what a person may do about it. */
export interface Face {
  readonly code: WorkerFaultCode;
  /** What it means. */
  readonly means: string;
  readonly mend: string;
}

const faces: Readonly<Record<Exclude<ErrorClass, 'overload'>, Face>> = {
  'rate-limit': {
    code: 'ENDPOINT_BUSY',
    means: 'there were too many calls',
    mend: 'wait, or lower the agent’s concurrency; see the limits of the account',
  },
  network: {
    code: 'ENDPOINT_DOWN',
    means: 'the endpoint cannot be reached',
    mend: 'see whether the endpoint runs and can be reached from here',
  },
  auth: {
    code: 'AGENT_REFUSED_KEY',
    means: 'the endpoint refuses the key, or it has no credit left',
    mend: 'put a key that is good into the variable that the agent names, and let arbiter agents check see that it is',
  },
  'invalid-request': {
    code: 'AGENT_FAILED',
    means: 'the endpoint does not take such a call',
    mend: 'see whether the model and the protocol of the agent fit the endpoint: arbiter agents check',
  },
  'context-length': {
    code: 'AGENT_FAILED',
    means: 'the conversation is longer than the model can read',
    mend: 'divide the task, set --context-tokens for the agent, or take a model with a longer context',
  },
  'content-filter': {
    code: 'AGENT_FAILED',
    means: 'the endpoint’s content filter stopped the call',
    mend: 'say the task in other words, or take another agent',
  },
  crash: { code: 'AGENT_FAILED', means: 'the agent broke down', mend: 'look at the transcript: arbiter task logs' },
};

const unknownModel: Face = {
  code: 'AGENT_FAILED',
  means: 'the endpoint knows no such model or address',
  mend: 'look at the model and base URL of the agent: arbiter agents list',
};

/** The face of a class. An endpoint that says it has too much to do is busy; one that fails is down. */
export function faceOf(errorClass: ErrorClass, { status }: EndpointAnswer, retryAfterMs: number | null): Face {
  if (errorClass === 'invalid-request' && status === 404) return unknownModel;
  if (errorClass !== 'overload') return faces[errorClass];
  const isBusy = status === 529 || (status === 503 && retryAfterMs !== null);
  return isBusy
    ? { code: 'ENDPOINT_BUSY', means: 'the endpoint has too much to do', mend: 'wait, or name another agent' }
    : { code: 'ENDPOINT_DOWN', means: 'the endpoint fails', mend: 'see that the endpoint answers' };
}

/** An answer in words: its status, and the code that it names. */
export function sayAnswer({ status, code }: EndpointAnswer): string {
  return code === null ? String(status ?? 'nothing') : `${status ?? 'nothing'} ${code}`;
}
