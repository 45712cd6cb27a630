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
  /** The agent's own program broke down; its endpoint had no part in it. */
  'crash',
]);
export type ErrorClass = z.infer<typeof errorClassSchema>;

/**
 * What an endpoint said, as facts: its status (null: none came), the code that its body names (null: none), and its own
 * words where there were any.
 */
export interface EndpointAnswer {
  readonly status: number | null;
  readonly code: string | null;
  readonly words?: string;
}

/** A fault of an agent's call as a story keeps it. */
export const classedFaultSchema = z.strictObject({
  class: errorClassSchema,
  status: z.number().int().nullable().describe('What the endpoint answered with; null: it gave no answer.'),
  code: z.string().nullable().describe('The code that its answer names.'),
  retry_after_ms: z.number().int().nonnegative().nullable().describe('When it said to come back.'),
});
export type ClassedFault = z.infer<typeof classedFaultSchema>;

/** Codes as the wire protocols name them; what is not listed is told by the status. */
const byCode: Readonly<Record<string, ErrorClass>> = {
  authentication_error: 'auth',
  invalid_api_key: 'auth',
  permission_error: 'auth',
  billing_error: 'auth',
  insufficient_quota: 'auth',
  billing_hard_limit_reached: 'auth',
  API_KEY_INVALID: 'auth',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'auth',
  rate_limit_error: 'rate-limit',
  rate_limit_exceeded: 'rate-limit',
  RATE_LIMIT_EXCEEDED: 'rate-limit',
  RESOURCE_EXHAUSTED: 'rate-limit',
  overloaded_error: 'overload',
  server_is_overloaded: 'overload',
  UNAVAILABLE: 'overload',
  INTERNAL: 'overload',
  api_error: 'overload',
  server_error: 'overload',
  timeout_error: 'network',
  DEADLINE_EXCEEDED: 'network',
  context_length_exceeded: 'context-length',
  exceed_context_size_error: 'context-length',
  request_too_large: 'context-length',
  content_filter: 'content-filter',
  content_policy_violation: 'content-filter',
  invalid_prompt: 'content-filter',
  invalid_request_error: 'invalid-request',
  INVALID_ARGUMENT: 'invalid-request',
  model_not_found: 'invalid-request',
};

/** What two of the four protocols say in words alone, under a code that they give to any request that they do not take. */
const byWords: readonly (readonly [RegExp, ErrorClass])[] = [
  [/credit balance is too low/i, 'auth'],
  [
    /context.{0,20}(?:length|window|size)|too many tokens|prompt is too long|token count.{0,40}exceeds|maximum.{0,20}tokens/i,
    'context-length',
  ],
  [/content.?(?:filter|policy|management)|blocked.{0,20}safety/i, 'content-filter'],
];

/** Tells the class of a failed call; null where the answer is no failure. No answer at all is the network. */
export function classifyAnswer({ status, code, words = '' }: EndpointAnswer): ErrorClass | null {
  if (status === null) return 'network';
  const named = code === null ? undefined : byCode[code];
  // A success that names an error broke off inside of its answer.
  if (status < 400) return named ?? null;
  // A status that is plain outranks a code that many errors share.
  if (named !== undefined && named !== 'invalid-request') return named;
  const plain = classOfStatus(status);
  if (plain !== 'invalid-request') return plain;
  return byWords.find(([form]) => form.test(words))?.[1] ?? plain;
}

function classOfStatus(status: number): ErrorClass {
  if (status === 401 || status === 402 || status === 403) return 'auth';
  if (status === 429) return 'rate-limit';
  if (status === 413) return 'context-length';
  if (status === 408 || status === 502 || status === 504) return 'network';
  return status >= 500 ? 'overload' : 'invalid-request';
}

/** The class of a worker's fault by its code, where no answer tells it; null where neither agent nor endpoint was at fault. */
export function classifyFault(code: string): ErrorClass | null {
  switch (code) {
    case 'ENDPOINT_BUSY':
      return 'rate-limit';
    case 'ENDPOINT_DOWN':
      return 'network';
    case 'AGENT_REFUSED_KEY':
      return 'auth';
    case 'AGENT_FAILED':
      return 'crash';
    default:
      return null;
  }
}

/** Whether a class is about the agent alone (its key, its program, what it asked for), and not about all who call there. */
export function isOfAgent(errorClass: ErrorClass): boolean {
  return errorClass !== 'rate-limit' && errorClass !== 'overload' && errorClass !== 'network';
}
