import { z } from 'zod';

/** What went wrong with a call of an agent or its endpoint: each class asks for something else. */
export const errorClassSchema = z.enum([
  'rate-limit',
  'overload',
  'auth',
  'invalid-request',
  'content-filter',
  'context-length',
  'network',
]);
export type ErrorClass = z.infer<typeof errorClassSchema>;

/** What an endpoint said, as facts: its status (null: none came), and the code that its body names (null: none). */
export interface EndpointAnswer {
  readonly status: number | null;
  readonly code: string | null;
}

/** Codes as the wire protocols name them; what is not listed is told by the status. */
const byCode: Readonly<Record<string, ErrorClass>> = {
  authentication_error: 'auth',
  invalid_api_key: 'auth',
  permission_error: 'auth',
  billing_error: 'auth',
  insufficient_quota: 'auth',
  rate_limit_error: 'rate-limit',
  rate_limit_exceeded: 'rate-limit',
  RESOURCE_EXHAUSTED: 'rate-limit',
  overloaded_error: 'overload',
  UNAVAILABLE: 'overload',
  api_error: 'overload',
  server_error: 'overload',
  context_length_exceeded: 'context-length',
  request_too_large: 'context-length',
  content_filter: 'content-filter',
  content_policy_violation: 'content-filter',
  invalid_request_error: 'invalid-request',
  INVALID_ARGUMENT: 'invalid-request',
  model_not_found: 'invalid-request',
};

/** Tells the class of a failed call; null where the answer is no failure. No answer at all is the network. */
export function classifyAnswer({ status, code }: EndpointAnswer): ErrorClass | null {
  if (status === null) return 'network';
  if (status < 400) return null;
  const named = code === null ? undefined : byCode[code];
  // A status that is plain outranks a code that many errors share.
  if (named !== undefined && named !== 'invalid-request') return named;
  return classOfStatus(status);
}

function classOfStatus(status: number): ErrorClass {
  if (status === 401 || status === 402 || status === 403) return 'auth';
  if (status === 429) return 'rate-limit';
  if (status === 413) return 'context-length';
  if (status === 408 || status === 502 || status === 504) return 'network';
  return status >= 500 ? 'overload' : 'invalid-request';
}

/** The class of a worker's fault by its code; null where neither agent nor endpoint was at fault. */
export function classifyFault(code: string): ErrorClass | null {
  switch (code) {
    case 'ENDPOINT_BUSY':
      return 'rate-limit';
    case 'ENDPOINT_DOWN':
      return 'network';
    case 'AGENT_REFUSED_KEY':
      return 'auth';
    case 'AGENT_FAILED':
      return 'overload';
    default:
      return null;
  }
}
