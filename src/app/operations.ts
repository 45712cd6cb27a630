import { adjudicate } from './adjudicate/adjudicate.js';
import { examine } from './adjudicate/examine.js';
import { measure } from './adjudicate/measure.js';
import { policyCheck, specCheck, specNew } from './constitution/operations.js';
import { demo } from './demo/demo.js';
import { checkGates } from './gates/check-gates.js';
import { listGates } from './gates/list-gates.js';
import { init } from './init/init.js';
import type { Operation } from './operation.js';
import { verify } from './verdict/verify.js';

/** The one operations table (house rule 7): everything that Arbiter does, for every surface. */
export const operations = {
  measure,
  examine,
  adjudicate,
  init,
  'spec check': specCheck,
  'spec new': specNew,
  'policy check': policyCheck,
  'gates list': listGates,
  'gates check': checkGates,
  'verdict verify': verify,
  demo,
} as const;

/** The operation of a name. Its input is parsed by its own schema, so that any value may be handed to it. */
export function findOperation(name: string): Operation {
  const operation = Object.values(operations).find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation is named ${JSON.stringify(name)}`);
  return operation;
}
