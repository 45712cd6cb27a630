import type { SpecNewInput } from '../../../app/constitution/operations.js';
import { newSpecSchema } from '../../../core/caws/dialects/compose-spec.js';
import { Fault } from '../../../core/fault.js';
import type { Terminal } from '../terminal.js';
import { type Flags, textOf, textsOf } from './command-surface.js';

type Wanted = SpecNewInput['spec'];
type Key = Extract<keyof Wanted, string>;

/**
 * The new spec from the flags; what they leave out is asked for on a terminal, and is a usage fault elsewhere.
 * @throws USAGE
 */
export async function askForSpec(flags: Flags, terminal: Terminal): Promise<Wanted> {
  const given = readFlags(flags);
  const refused = given.id === '' ? undefined : refuseAnswer('id', given.id);
  if (refused !== undefined) {
    throw new Fault('USAGE', `not a spec id: ${JSON.stringify(given.id)}`, { mend: `write ${refused}` });
  }
  const missing = (['id', 'title', 'scope_in', 'invariants', 'acceptance'] as const).filter((key) =>
    isEmpty(given[key]),
  );
  if (missing.length === 0) return given;
  if (!terminal.interactive || terminal.environment['CI'] !== undefined) {
    const names = { id: '--id', title: '--title', scope_in: '--in', invariants: '--invariant', acceptance: '--accept' };
    throw new Fault('USAGE', `the new spec lacks ${missing.map((key) => names[key]).join(', ')}`, {
      mend: 'give them as flags, or run the command on a terminal, where it asks',
    });
  }
  return askFor(given, missing);
}

function readFlags(flags: Flags): Wanted {
  return {
    id: textOf(flags, 'id') ?? '',
    title: textOf(flags, 'title') ?? '',
    // commander has checked both against the choices.
    risk_tier: Number(textOf(flags, 'tier') ?? '3') as Wanted['risk_tier'],
    mode: (textOf(flags, 'mode') ?? 'feature') as Wanted['mode'],
    scope_in: textsOf(flags, 'in'),
    scope_out: textsOf(flags, 'out'),
    modules: textsOf(flags, 'in'),
    data_migration: false,
    rollback_slo: '30m',
    invariants: textsOf(flags, 'invariant'),
    acceptance: textsOf(flags, 'accept').map(readCriterion),
    contracts: textsOf(flags, 'contract').map(readContract),
    observability: textsOf(flags, 'observability'),
    rollback: textsOf(flags, 'rollback'),
    security: textsOf(flags, 'security'),
  };
}

function readCriterion(text: string): Wanted['acceptance'][number] {
  const [given, when, then, ...rest] = text.split('|').map((part) => part.trim());
  if (given === undefined || when === undefined || then === undefined || rest.length > 0) {
    throw new Fault('USAGE', `not an acceptance criterion: ${JSON.stringify(text)}`, {
      mend: 'write three parts divided by |, such as "a parcel of 500 g | postage is computed | it costs 390 cents"',
    });
  }
  return { given, when, then };
}

const contractTypes = ['api', 'schema', 'contract-test', 'behavior'] as const;

function readContract(text: string): Wanted['contracts'][number] {
  const colon = text.indexOf(':');
  const type = contractTypes.find((candidate) => candidate === text.slice(0, colon));
  const path = text.slice(colon + 1);
  if (type === undefined || path === '') {
    throw new Fault('USAGE', `not a contract: ${JSON.stringify(text)}`, {
      mend: `write TYPE:PATH with one of the types ${contractTypes.join(', ')}`,
    });
  }
  return { name: path, type, path };
}

function isEmpty(value: string | readonly unknown[]): boolean {
  return value.length === 0;
}

async function askFor(given: Wanted, missing: readonly Key[]): Promise<Wanted> {
  const { intro, text, isCancel, outro } = await import('@clack/prompts');
  intro(`A new working spec of tier ${given.risk_tier}, mode ${given.mode} (--tier and --mode choose others)`);
  const answers: Partial<Record<Key, string>> = {};
  for (const key of missing) {
    const answer = await text({
      message: questions[key] ?? key,
      validate: (value) => refuseAnswer(key, value?.trim() ?? ''),
    });
    if (isCancel(answer)) throw new Fault('USAGE', 'stopped; nothing was written', { mend: 'run the command again' });
    answers[key] = answer.trim();
  }
  outro('thank you');
  const list = (key: Key): string[] | undefined => answers[key]?.split(',').map((part) => part.trim());
  return {
    ...given,
    id: answers.id ?? given.id,
    title: answers.title ?? given.title,
    scope_in: list('scope_in') ?? given.scope_in,
    modules: list('scope_in') ?? given.modules,
    invariants: answers.invariants === undefined ? given.invariants : [answers.invariants],
    acceptance: answers.acceptance === undefined ? given.acceptance : [readCriterion(answers.acceptance)],
  };
}

/** What is wrong with an answer, said at once, so that no other answer is lost; undefined when it will do. */
export function refuseAnswer(key: string, answer: string): string | undefined {
  if (answer === '') return 'an answer is needed';
  if (key === 'id' && !newSpecSchema.shape.id.safeParse(answer).success) {
    return 'capitals, a dash, then a number: PAY-001';
  }
  if (key === 'acceptance' && answer.split('|').filter((part) => part.trim() !== '').length !== 3) {
    return 'three parts divided by |: a parcel of 500 g | postage is computed | it costs 390 cents';
  }
  return undefined;
}

const questions: Partial<Record<Key, string>> = {
  id: 'Id, capitals then a number (PAY-001)',
  title: 'Title: what will be true when it is done',
  scope_in: 'Where may work happen? Paths, divided by commas',
  invariants: 'What must stay true?',
  acceptance: 'An acceptance criterion: given | when | then',
};
