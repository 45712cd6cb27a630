import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, type Severity, findingOf } from '../finding.js';
import type { AssignmentFact, CallFact } from '../syntax-facts.js';
import { addedLineSet, callKeyOf, freshOf, isFixture, isTestMachinery } from './fresh-facts.js';
import { type ProcessEnd, processEnds } from './process-end.js';
import type { TamperRule } from './tamper-rule.js';
import { keepRegions } from './text/code-mask.js';

/** Programs rightly end themselves: entry points by place, by name, or by a check for being the main module. */
const entryPlace =
  /(^|\/)(bin|scripts?|cli|cmd|tools?|bench|benchmarks?|examples?|commands?)\/|(^|\/)([\w.-]*cli|main|__main__|index|server|run|start|manage|setup|noxfile|worker|daemon)\.[a-z]+$/i;
const entryFunction =
  /^(main|run\w*|start\w*|\w*shutdown|die|fail|usage|bail|cli|exit\w*|on(SIG|Fatal|Uncaught)\w*|handle(SIG|Fatal|Exit|Uncaught)\w*)$/i;
const mainGuard = /__name__|require\.main|import\.meta\.main|process\.argv\[1\]/;
/** In a test only the exact question counts: its opposite would end every run that imports the file. */
const exactMainGuard = /^(__name__ == "__main__"|"__main__" == __name__|require\.main === module|import\.meta\.main)$/;

const resets = /^process\.exitCode/;

interface End extends ProcessEnd {
  readonly line: number;
  readonly what: string;
  readonly condition: string;
  readonly functionName: string | null;
  readonly moduleLevel: boolean;
  /** The name of the call does not stand in its line as it is. */
  readonly hidden: boolean;
}

function examine(facts: FileFacts): readonly Finding[] {
  const after = facts.newSyntax;
  if (after === null) return [];
  const path = pathOf(facts.file);
  const added = new Map(facts.addedLines.map(({ line, text }) => [line, text]));
  return [...callEnds(facts, added), ...codeResets(facts), ...bareRaises(facts)].flatMap((end) => {
    const severity = added.has(end.line) ? judge(facts, end, path) : null;
    if (severity === null) return [];
    const how = end.hidden ? ', by a name that is put together or borrowed' : '';
    return [
      findingOf(
        processExit,
        `${end.what} ${resets.test(end.what) ? 'makes a red run green' : 'ends the process'}${how}`,
        { path, line: end.line, severity },
      ),
    ];
  });
}

function callEnds(facts: FileFacts, added: ReadonlyMap<number, string>): End[] {
  const after = facts.newSyntax;
  if (after === null) return [];
  const endOf = processEnds(after);
  const ends = (call: CallFact): boolean => endOf(call) !== null;
  return freshOf(facts.oldSyntax?.calls, after.calls, addedLineSet(facts), callKeyOf, ends).flatMap((call) => {
    const end = endOf(call);
    if (end === null) return [];
    const { line, condition, functionName, moduleLevel, callee } = call;
    const hidden = call.disguised && !showsName(callee, added.get(line) ?? '');
    return [{ ...end, line, condition, functionName, moduleLevel, what: callee, hidden }];
  });
}

function showsName(callee: string, text: string): boolean {
  const name = /\w+$/.exec(callee)?.[0] ?? callee;
  return new RegExp(`(^|[^'"\`\\w])${name}\\s*\\(`).test(text);
}

/** `process.exitCode = 0` at the end of a red run makes it green. */
function codeResets(facts: FileFacts): End[] {
  const keyOf = ({ target, value, functionName }: AssignmentFact): string => `${target}=${value} ${functionName ?? ''}`;
  const resetsExit = ({ target, value }: AssignmentFact): boolean =>
    target === 'process.exitCode' && /^(0|"0"|undefined|null|void 0)$/.test(value);
  const { oldSyntax, newSyntax } = facts;
  const after = newSyntax?.assignments.filter(resetsExit) ?? [];
  return freshOf(oldSyntax?.assignments.filter(resetsExit), after, addedLineSet(facts), keyOf).map(
    ({ line, functionName, moduleLevel }) => ({
      outcome: 'green' as const,
      line,
      condition: '',
      functionName,
      moduleLevel,
      what: 'process.exitCode = 0',
      hidden: false,
    }),
  );
}

/** `raise SystemExit` without a call is no call in the facts. */
function bareRaises(facts: FileFacts): End[] {
  if (facts.newSyntax?.language !== 'python' || facts.newText === null) return [];
  const hits = facts.addedLines.filter(({ text }) => /^\s*raise\s+SystemExit\s*(#.*)?$/.test(text));
  if (hits.length === 0) return [];
  const code = keepRegions(facts.newText, 'hash', ['code']).split('\n');
  return hits
    .filter(({ line }) => /raise\s+SystemExit/.test(code[line - 1] ?? ''))
    .map(({ line, text }) => ({
      outcome: 'green' as const,
      line,
      condition: '',
      functionName: null,
      moduleLevel: !/^\s/.test(text),
      what: 'raise SystemExit',
      hidden: false,
    }));
}

/** How grave an end is where it stands; null where programs rightly end themselves. */
function judge(facts: FileFacts, end: End, path: string): Severity | null {
  if (isTestMachinery(facts)) return judgeTest(end, path);
  // Nobody needs to hide the name of a call that may stand there.
  if (end.hidden) return 'waivable';
  const isProgram = entryPlace.test(path) || mainGuard.test(end.condition);
  if (isProgram || entryFunction.test(end.functionName ?? '') || resets.test(end.what)) return null;
  if (end.moduleLevel) return 'waivable';
  // Python's SystemExit is an exception: callers and runners see it.
  return /^(sys\.exit|SystemExit|raise SystemExit)$/.test(end.what) ? null : 'advisory';
}

function judgeTest(end: End, path: string): Severity | null {
  if (exactMainGuard.test(end.condition) && !end.hidden) return null;
  if (isFixture(path)) return end.hidden ? 'waivable' : 'advisory';
  return end.outcome === 'red' && !end.hidden ? 'advisory' : 'block';
}

/**
 * D8: code that ends the process, so that what should have failed is never run or never reported. JavaScript,
 * TypeScript and Python by their syntax: `process.exit` and its kin under any name that can be resolved, signals to
 * oneself, `os._exit`, `sys.exit`, `SystemExit`, an exit code set back to success. In tests and runner configuration
 * it blocks, unless it plainly ends red (`process.exit(1)`) or the file is the fixture of a test (advisory); in
 * product code it is waivable where it runs on import or hides its name, advisory in a function, and nothing in an
 * entry point (a program's place or name, `main`, a check for the main module). Names made at run time are not seen;
 * the tripwire of the gates is what catches those.
 */
export const processExit: TamperRule = {
  id: 'D8',
  clause: 'constitution §3 part 6, D8',
  severity: 'block',
  why: 'a run that ends early reports nothing of what it did not reach.',
  mend: 'return or throw instead; a program ends in its entry point.',
  examineFile: examine,
};
