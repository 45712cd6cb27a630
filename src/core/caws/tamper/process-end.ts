import type { CallFact, SyntaxFacts } from '../syntax-facts.js';

/** A call that ends its own process. `red` when the run is sure to fail by it, `green` when it may pass. */
export interface ProcessEnd {
  readonly outcome: 'green' | 'red';
}

type Language = 'javascript' | 'python';

const exits: Record<Language, RegExp> = {
  javascript: /^(process\.(exit|reallyExit|abort|_kill)|Deno\.exit|Bun\.exit|process\.binding\(\)\.(reallyExit|exit))$/,
  python:
    /^(os\._exit|os\.abort|sys\.exit|exit|quit|SystemExit|pytest\.exit|_thread\.interrupt_main|faulthandler\._\w+)$/,
};
/** One of these handed over as a value: `setTimeout(process.exit, 0)`, `atexit.register(os._exit, 0)`. */
const handedOver = /^(func=|target=)?(process\.(exit|reallyExit|abort)|os\._exit|os\.abort|sys\.exit)(\.bind\(.*\))?$/;
const kills = /^(process\.kill|os\.kill|os\.killpg|signal\.raise_signal)$/;
const self = /^(-?process\.p?pid|os\.getp?pid\(\)|os\.getp?gr?p(id)?\(.*\)|0)$/;
const harmless = /^0$|SIG(USR[12]|WINCH|CHLD|CONT|URG|INFO|IO)\b/;
const catchable = /SIG(TERM|INT|HUP|BREAK|QUIT|ALRM)\b/;
const borrowedName = /\.(exit|reallyExit|abort)$/;

/** A judge of the calls of one file: what a call does to the process it runs in, null when it does not end it. */
export function processEnds(facts: SyntaxFacts): (call: CallFact) => ProcessEnd | null {
  const language = facts.language === 'python' ? 'python' : 'javascript';
  const own = new Set(facts.functions.map(({ name }) => name));
  const handled = handledSignals(facts);
  const late = facts.imports.some(({ dynamic, module }) => dynamic && /^(node:)?process$/.test(module));
  return (call) => {
    const { args, callee } = call;
    if (kills.test(callee)) return killOf(call, handled);
    if (exits[language].test(callee) && !own.has(callee)) return { outcome: outcomeOf(call) };
    if (args.some((arg) => handedOver.test(arg))) return { outcome: 'green' };
    // `import("node:process").then((m) => m.exit(0))`: the parameter stands for the module.
    const borrowed = late && borrowedName.test(callee) && !callee.startsWith('process');
    return language === 'javascript' && (resetsCode(call) || borrowed) ? { outcome: 'green' } : null;
  };
}

/** A test of what the product does on a signal installs a handler first. */
function handledSignals({ calls }: SyntaxFacts): ReadonlySet<string> {
  const handlers = calls.filter(({ callee }) => /\.(on|once|addListener)$|^signal\.signal$/.test(callee));
  return new Set(handlers.map(({ args }) => catchable.exec(args[0] ?? '')?.[0] ?? ''));
}

function killOf({ callee, args }: CallFact, handled: ReadonlySet<string>): ProcessEnd | null {
  const raises = callee === 'signal.raise_signal';
  const signal = (raises ? args[0] : args[1]) ?? '';
  if (!raises && !self.test(args[0] ?? '')) return null;
  if (harmless.test(signal)) return null;
  return { outcome: handled.has(catchable.exec(signal)?.[0] ?? 'none') ? 'red' : 'green' };
}

function outcomeOf(call: CallFact): ProcessEnd['outcome'] {
  if (call.callee === 'pytest.exit') return /returncode ?= ?0/.test(call.args.join()) ? 'green' : 'red';
  // Python's `sys.exit("message")` is status 1; a numeral in quotes is one to JavaScript.
  const status = call.callee.startsWith('Reflect') ? '' : (call.args[0] ?? '');
  const message = /^(sys\.exit|exit|quit|SystemExit)$/.test(call.callee) && /^f?"./.test(status);
  // A runner written by hand tells its failures: `process.exit(failed > 0 ? 1 : 0)`.
  const told = /^(.*) (?:\? ?[1-9]\d? ?: ?0|\? ?0 ?: ?[1-9]\d?)$|^[1-9]\d? if (.*) else 0$/i.exec(status);
  const tells = told !== null && namesSomething(told[1] ?? told[2] ?? '');
  return message || tells || /^"?[1-9]\d{0,2}"?$/.test(status) ? 'red' : 'green';
}

/** A condition of constants alone decides nothing. */
function namesSomething(condition: string): boolean {
  return /[a-z]/i.test(condition.replace(/\b(true|false|null|undefined|void|none|not|and|or)\b/gi, ''));
}

function resetsCode(call: CallFact): boolean {
  return (
    /^(Object|Reflect)\.(defineProperty|set)$/.test(call.callee) &&
    call.args[0] === 'process' &&
    call.args[1] === '"exitCode"'
  );
}
