import type { Fault } from '../fault.js';
import { type ClassedFault, classifyAnswer, classifyFault } from '../registry/error-class.js';
import { WorkFault } from './work-fault.js';

/**
 * What kind of fault of an agent's call a fault is: by the endpoint's answer where there was one, else by its code. Null
 * where neither agent nor endpoint was at fault.
 */
export function classFault(error: Fault): ClassedFault | null {
  const answer = error instanceof WorkFault ? error.answer : null;
  const told = answer === null ? null : classifyAnswer(answer);
  const found = told ?? classifyFault(error.code);
  if (found === null) return null;
  const retry_after_ms = error instanceof WorkFault ? error.retryAfterMs : null;
  return { class: found, status: answer?.status ?? null, code: answer?.code ?? null, retry_after_ms };
}
