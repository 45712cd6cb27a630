import { Fault } from '../fault.js';
import { type PolicyOptions, policyOptionsSchema } from './policy-options.js';

export type PolicyWordFaultCode = 'POLICY_WORD_INVALID';

/** What a word says of a policy: a name, and options that are said (dots lead into an object). */
export interface PolicyWord {
  readonly name: string;
  readonly said: Readonly<Record<string, unknown>>;
}

/**
 * Reads `NAME`, or `NAME:key=value,key=value`, such as `thompson:floor=0.05,trade.cost_weight=0.1`. A value is a number,
 * `true`, `false`, `null`, or a text. @throws POLICY_WORD_INVALID
 */
export function readPolicyWord(word: string): PolicyWord {
  const at = word.indexOf(':');
  if (at < 0) return { name: word, said: {} };
  const said: Record<string, unknown> = {};
  for (const part of word.slice(at + 1).split(',')) {
    const equals = part.indexOf('=');
    const path = part.slice(0, equals).trim().split('.');
    if (equals <= 0 || path.some((one) => !/^[a-z][a-z_]*$/.test(one))) {
      throw invalid(`${JSON.stringify(part)} in ${JSON.stringify(word)} is no key=value`);
    }
    setAt(said, path, valueOf(part.slice(equals + 1).trim()));
  }
  return { name: word.slice(0, at), said };
}

function setAt(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) into[first] = value;
  else {
    const inner = { ...(into[first] as Record<string, unknown> | undefined) };
    setAt(inner, rest, value);
    into[first] = inner;
  }
}

function valueOf(text: string): unknown {
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? Number(text) : text;
}

/**
 * The policy that a word (or a file's object) means; what it does not say is as the schema has it, but for the trade and
 * the floor, which are those of `beside` where that is given. @throws POLICY_WORD_INVALID
 */
export function policyOfWord({ name, said }: PolicyWord, beside: PolicyOptions | null): PolicyOptions {
  const names: readonly string[] = policyOptionsSchema.options.map(({ shape }) => shape.name.value);
  if (!names.includes(name)) {
    throw invalid(`${JSON.stringify(name)} is not a routing policy here`, `write one of ${names.join(', ')}`);
  }
  const shared = beside === null ? {} : { trade: beside.trade, floor: beside.floor };
  const parsed = policyOptionsSchema.safeParse({ ...shared, ...said, name });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${name} cannot be made of this: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** The lines of `.caws/arbiter.yaml` by which a person makes a policy the configured one; only what is not usual is said. */
export function configurationOf(options: PolicyOptions): string {
  const usual: Readonly<Record<string, unknown>> = policyOptionsSchema.parse({ name: options.name });
  const said = Object.entries(options).filter(
    ([key, value]) => key === 'name' || JSON.stringify(value) !== JSON.stringify(usual[key]),
  );
  return `routing:\n  policy: ${JSON.stringify(Object.fromEntries(said))}\n`;
}

function invalid(
  message: string,
  mend = 'write NAME, NAME:key=value,…, or a .yaml or .json file',
): Fault<PolicyWordFaultCode> {
  return new Fault('POLICY_WORD_INVALID', message, { mend });
}
