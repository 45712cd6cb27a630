import type { FunctionFact, SyntaxFacts } from '../../syntax-facts.js';

/** A pytest hook that changes which tests run or how they end. */
export interface HookDeceit {
  readonly text: string;
  readonly line: number;
}

const reports =
  /^pytest_(runtest_makereport|runtest_logreport|report_teststatus|exception_interact|sessionfinish|terminal_summary|unconfigure|runtest_teardown|runtest_call|pyfunc_call)$/;
const outcome = /\.(outcome|passed|failed|excinfo|wasxfail|exitstatus|testsfailed|_result|_excinfo|result)$/;
const choosing =
  /getoption|getvalue|keywords|get_closest_marker|iter_markers|\bconfig\b|environ|sys\.platform|sys\.version|platform\.|\bin item\b|markers?\b|shutil\.which|has_\w+|HAS_\w+/;

/** Hooks of one file that make failures pass, or leave tests out without a choice of the one who runs them. */
export function hookDeceits(syntax: SyntaxFacts): readonly HookDeceit[] {
  if (syntax.language !== 'python') return [];
  return syntax.functions.filter((fn) => fn.name.startsWith('pytest_')).flatMap((fn) => ofHook(fn, syntax));
}

function ofHook(fn: FunctionFact, syntax: SyntaxFacts): readonly HookDeceit[] {
  const found: HookDeceit[] = [];
  if (reports.test(fn.name)) found.push(...outcomesSet(fn, syntax));
  if (/^pytest_(collection_modifyitems|itemcollected|pycollect_makeitem|generate_tests|deselected)$/.test(fn.name)) {
    found.push(...testsLeftOut(fn, syntax));
  }
  const answers =
    /^pytest_(runtest_protocol|pyfunc_call|runtest_call|ignore_collect|collect_file|pycollect_makeitem|runtestloop)$/.test(
      fn.name,
    );
  if (answers && fn.body === 'constant' && !/False|None/.test(fn.bodyText)) {
    found.push({ text: `the hook "${fn.name}" stands in for the run of every test`, line: fn.line });
  }
  if (/^pytest_(runtest_protocol|pyfunc_call|runtest_call|runtestloop|runtest_makereport)$/.test(fn.name)) {
    found.push(...failuresSwallowed(fn, syntax));
  }
  if (fn.name === 'pytest_report_teststatus' && /return .*"passed"/.test(fn.bodyText)) {
    found.push({ text: `the hook "${fn.name}" reports tests as passed`, line: fn.line });
  }
  return found;
}

function failuresSwallowed(fn: FunctionFact, syntax: SyntaxFacts): readonly HookDeceit[] {
  const narrow = /^\w*(ImportError|AttributeError|KeyError|LookupError|OSError)\b/;
  return syntax.catches
    .filter((it) => it.line >= fn.line && it.line <= fn.endLine && it.body !== 'normal' && !narrow.test(it.binding))
    .map((it) => ({ text: `the hook "${fn.name}" swallows what a test raises`, line: it.line }));
}

function outcomesSet(fn: FunctionFact, syntax: SyntaxFacts): readonly HookDeceit[] {
  const inside = (line: number) => line >= fn.line && line <= fn.endLine;
  const set = syntax.assignments.filter(
    (it) => inside(it.line) && outcome.test(it.target) && !/^rep_|getattr/.test(it.value),
  );
  const forced = syntax.calls.filter(
    (call) => inside(call.line) && /\.(force_result|force_exception)$/.test(call.callee),
  );
  const attributes = syntax.calls.filter(
    (call) =>
      inside(call.line) &&
      call.callee === 'setattr' &&
      /^"(outcome|passed|failed|exitstatus|excinfo)"$/.test(call.args[1] ?? ''),
  );
  return [
    ...set.map((it) => ({ text: `the hook "${fn.name}" sets "${it.target}"`, line: it.line })),
    ...[...forced, ...attributes].map((call) => ({
      text: `the hook "${fn.name}" calls "${call.callee}"`,
      line: call.line,
    })),
  ];
}

/** Tests may be left out by an option, a marker or the platform; without one of these they just go missing. */
function testsLeftOut(fn: FunctionFact, syntax: SyntaxFacts): readonly HookDeceit[] {
  const inside = (line: number) => line >= fn.line && line <= fn.endLine;
  const chosen =
    syntax.conditions.some((it) => inside(it.line) && choosing.test(it.text)) ||
    /pytest_deselected|getoption/.test(fn.bodyText) ||
    syntax.calls.some(
      (call) => inside(call.line) && /pytest_deselected|getoption|get_closest_marker/.test(call.callee),
    );
  const emptied = syntax.assignments.filter(
    (it) => inside(it.line) && /^items(\[.*\])?$/.test(it.target) && (/^(\[\]|list\(\))$/.test(it.value) || !chosen),
  );
  const dropped = syntax.calls.filter((call) => {
    if (!inside(call.line)) return false;
    if (call.callee === 'items.clear') return true;
    const marks =
      call.callee.endsWith('.add_marker') && /\b(skip|xfail)\b/.test(markText(call.args[0] ?? '', fn, syntax));
    return !chosen && (marks || /^items\.(remove|pop)$/.test(call.callee));
  });
  return [
    ...emptied
      .filter((it) => it.operator !== 'del' || !chosen)
      .map((it) => ({ text: `the hook "${fn.name}" takes tests out of the collection`, line: it.line })),
    ...dropped.map((call) => ({
      text: `the hook "${fn.name}" calls "${call.callee}" on collected tests`,
      line: call.line,
    })),
  ];
}

/** `item.add_marker(skip_all)` where `skip_all = pytest.mark.skip(…)` stands above. */
function markText(arg: string, fn: FunctionFact, syntax: SyntaxFacts): string {
  const value = syntax.assignments.find((it) => it.target === arg && it.line <= fn.endLine)?.value;
  return value ?? arg;
}
