import { type Change, pathOf } from '../change.js';
import { type Finding, findingOf } from '../finding.js';
import type { Rationale } from '../plea.js';
import { isTestPath } from '../test-path.js';
import type { WorkingSpec } from '../working-spec.js';
import { behaviourRules } from './behaviour-rules.js';

const namedAtMost = 20;
const manifest =
  /(^|\/)(package\.json|package-lock\.json|yarn\.lock|pnpm-lock\.yaml|pyproject\.toml|requirements[^/]*\.txt|poetry\.lock|uv\.lock|go\.(mod|sum)|Cargo\.(toml|lock))$/;
const document = /(\.(md|mdx|rst|txt|adoc)|(^|\/)(LICENSE|NOTICE|CHANGELOG)[^/]*)$/i;

/** Sentences that the change itself can contradict: `holds` tells whether a changed path does. */
const checkable: readonly {
  readonly says: RegExp;
  readonly what: string;
  readonly contradicts: (path: string) => boolean;
}[] = [
  {
    says: /\bno tests? (?:files? )?(?:were|was|are|is|have been|has been)? ?(?:changed|modified|touched|edited|altered)\b|\b(?:did not|does not|without) (?:change|touch|modify|chang\w*|touch\w*|modify\w*) (?:any |the )?tests?\b/i,
    what: 'no test was changed',
    contradicts: isTestPath,
  },
  {
    says: /\b(?:documentation|docs|doc|comments?)[- ]only\b|\bonly (?:the )?(?:documentation|docs|comments?)\b/i,
    what: 'only documentation was changed',
    contradicts: (path) => !document.test(path),
  },
  {
    says: /\bno (?:new |additional )?dependenc(?:y|ies)\b|\bdependencies (?:are |were )?(?:unchanged|untouched)\b/i,
    what: 'no dependency was changed',
    contradicts: (path) => manifest.test(path),
  },
  {
    says: /\btests?[- ]only\b|\bonly (?:the )?tests?\b/i,
    what: 'only tests were changed',
    contradicts: (path) => !isTestPath(path),
  },
];

const addsTests =
  /\b(?:add(?:s|ed)?|wr(?:ites?|ote)|new|cover(?:s|ed)? (?:it )?(?:by|with)) (?:(?:unit|regression|new|a|more|some|the) )*tests?\b/i;

/**
 * B6: the worker's rationale against the measured change, all advisory: files it explains that did not change,
 * changed files it does not explain, acceptance criteria that the spec does not have or that it leaves unanswered,
 * and plain sentences that the changed paths contradict ("no tests were changed"). Text is read for these
 * sentences alone. `spec` null: acceptance is not compared. An empty `files` list explains nothing, which is one finding.
 */
export function judgeRationale(
  rationale: Rationale,
  change: Pick<Change, 'files'>,
  spec: WorkingSpec | null,
): readonly Finding[] {
  const paths = new Set(change.files.flatMap((file) => [file.oldPath, file.newPath]).filter((path) => path !== null));
  const named = new Set(rationale.files.map((file) => file.path));
  const unexplained = change.files
    .filter((file) => !named.has(file.newPath ?? '') && !named.has(file.oldPath ?? ''))
    .map(pathOf);
  return [
    ...[...named]
      .filter((path) => !paths.has(path))
      .slice(0, namedAtMost)
      .map((path) => advise(`the rationale explains ${path}, which did not change`, path)),
    ...unexplainedFindings(unexplained, named.size === 0),
    ...contradictions(rationale, [...paths]),
    ...(spec === null ? [] : acceptanceFindings(rationale, spec)),
  ];
}

function unexplainedFindings(paths: readonly string[], explainsNothing: boolean): readonly Finding[] {
  if (paths.length === 0) return [];
  if (explainsNothing) return [advise(`the rationale explains none of the ${paths.length} changed files`)];
  const rest = paths.length - namedAtMost;
  return [
    ...paths.slice(0, namedAtMost).map((path) => advise(`the rationale does not explain why ${path} changed`, path)),
    ...(rest > 0 ? [advise(`the rationale does not explain ${rest} more changed files`)] : []),
  ];
}

function contradictions(rationale: Rationale, paths: readonly string[]): readonly Finding[] {
  const text = [rationale.summary, ...rationale.files.map((file) => file.why), ...rationale.risks].join('\n');
  const found = checkable.flatMap(({ says, what, contradicts }) => {
    const against = says.test(text) ? paths.find(contradicts) : undefined;
    return against === undefined ? [] : [advise(`the rationale says that ${what}, and ${against} changed`, against)];
  });
  const claimsTests = addsTests.test(text) && !paths.some((path) => isTestPath(path));
  return claimsTests ? [...found, advise('the rationale speaks of added tests, and no test file changed')] : found;
}

function acceptanceFindings(rationale: Rationale, spec: WorkingSpec): readonly Finding[] {
  const answered = new Set(rationale.acceptance.map((item) => item.id));
  const asked = new Set(spec.acceptance.map((item) => item.id));
  return [
    ...[...answered]
      .filter((id) => !asked.has(id))
      .map((id) => advise(`the rationale answers ${id}, which the spec does not have`)),
    ...[...asked].filter((id) => !answered.has(id)).map((id) => advise(`the rationale does not say how ${id} is met`)),
  ];
}

function advise(message: string, path: string | null = null): Finding {
  return findingOf(behaviourRules.B6, message, { path });
}
