import type { CallFact, SyntaxFacts } from '../../syntax-facts.js';
import { ignores } from './blind-answer.js';

/**
 * How a Proxy answers to names that it never looks at: `itself` (or a constant, or true), which equals and satisfies
 * nearly everything; `something` else, as stand-ins for collaborators do; null when it looks at the name.
 */
export function answerOfProxy(call: CallFact, facts: SyntaxFacts): 'itself' | 'something' | null {
  if (!/^(new Proxy|Proxy\.revocable)$/.test(call.callee)) return null;
  const handler = textOf(call.args[1] ?? '', facts);
  const get = facts.functions.find((it) => it.name === 'get' && it.owner === '' && handler.includes(it.bodyText));
  if (get === undefined || get.bodyText === '') return null;
  const key = get.parameters[1];
  // To let `then` and symbols through is what makes such a Proxy usable.
  const body = get.bodyText.replace(/(typeof )?[\w$]+ ===? ("(then|symbol|toJSON)"|Symbol\.[\w.]+)( (\|\||&&) )?/g, '');
  if (key !== undefined && !ignores(body, [key])) return null;
  if (/\bReflect\.get\b|\w\[/.test(body)) return null;
  return isSelf(body, call, get.parameters, facts) ? 'itself' : 'something';
}

function textOf(handler: string, facts: SyntaxFacts): string {
  if (!/^[\w$]+$/.test(handler)) return handler;
  return facts.assignments.find(({ target }) => target === handler)?.value ?? '';
}

function isSelf(body: string, call: CallFact, parameters: readonly string[], facts: SyntaxFacts): boolean {
  const last = /(?:return|[?:])? ?\(?([\w$!]+)\)?;?\}?$/.exec(body.trim())?.[1] ?? '';
  if (/^(true|!0|1)$/.test(last) || last === parameters[2]) return true;
  const own = facts.assignments.find(
    ({ value }) => value.startsWith(call.callee) && value.includes(call.args[1] ?? ''),
  );
  return last !== '' && own?.target === last;
}
