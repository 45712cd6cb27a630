import type { WorkingSpec } from '../caws/working-spec.js';
import type { Complexity, Features, Surface } from './surface.js';

/** What a task is classified by: its words, and what spec and repository say; null where there is none. */
export interface TaskWords {
  readonly words: string;
  readonly spec: Pick<
    WorkingSpec,
    'riskTier' | 'mode' | 'changeBudget' | 'scope' | 'acceptance' | 'blastRadius'
  > | null;
  /** Counts of the base commit's files. */
  readonly repository: { readonly files: number } | null;
}

/** Surface and complexity of a task with the features that policies learn from. */
export interface Classification {
  readonly surface: Surface;
  readonly complexity: Complexity;
  /** Predicted probability that a middling agent fails at it. */
  readonly hardness: number;
  readonly features: Features;
}

/** Kinds of work, and the log-odds of failing at them. */
interface Work {
  readonly name: string;
  readonly sign: RegExp;
  readonly odds: number;
}

// −ln(p / (1 − p)) of the mean pass rate p over 43 agents of the OpenHands Index, by the benchmark that is such work:
// commit0 0.310 (whole libraries), SWE-bench Multimodal 0.276 (front ends), SWT-Bench 0.671 (tests), GAIA 0.616
// (questions), SWE-bench 0.731 (fixes). A chore has no benchmark: the odds of its easiest third, 0.958, are a judgement.
const works: readonly Work[] = [
  {
    name: 'chore',
    sign: /\b(?:typo|rename|bump|format|comment|readme|changelog|docstring|wording|copyright)\b/i,
    odds: -3.13,
  },
  {
    name: 'build',
    sign: /\b(?:from scratch|whole (?:library|module|package)|rewrite|port (?:it|the|to)|migrat\w+|architect\w+|new (?:service|subsystem|framework))\b/i,
    odds: 0.8,
  },
  {
    name: 'front-end',
    sign: /\b(?:ui|css|layout|render\w*|pixel|button|canvas|front-?end|screenshot|chart|svg|animation)\b/i,
    odds: 0.96,
  },
  { name: 'tests', sign: /\b(?:tests?|coverage|reproduc\w+|regression test|spec file)\b/i, odds: -0.71 },
  {
    name: 'question',
    sign: /\b(?:why|what|which|who|when|find out|research|compare|summari[sz]e|investigate)\b/i,
    odds: -0.47,
  },
];
const fix: Pick<Work, 'name' | 'odds'> = { name: 'fix', odds: -1.0 };

// Logistic weights of the text itself, fitted on 3,559 prompts with the mean reward of four models (ParetoBandit, K = 4),
// about the means there; held out, they tell hard from easy with an area of 0.58 and a calibration error of 0.023.
const textWeights = { code: 0.759, lines: 1.714 };
const textMeans = { code: 0.042, lines: 0.178 };

const trivialBelow = 0.2;
const complexFrom = 0.5;

const researchSign =
  /\b(?:research|literature|sources?|cite|citations?|survey|find out|state of the art|report on|articles?|papers?)\b/gi;
const dataSign =
  /\b(?:data ?sets?|csv|parquet|sql|quer(?:y|ies)|statistics?|regression analysis|correlat\w+|plot|histogram|pandas|aggregate|outliers?|dashboard)\b/gi;
const codeSign =
  /\b(?:code|bug|fix|function|class|method|test|refactor|implement|compile|api|module|endpoint|exception|crash|type error|lint|commit|file)\b|\w+\(\)|\.[jt]sx?\b|\.py\b|\.go\b|\.rs\b/gi;

/** Surface, complexity and features of a task: rules over words, a small model with weights in this file, no network. */
export function classifyTask(task: TaskWords): Classification {
  const text = textOf(task.words);
  const work = works.find(({ sign }) => sign.test(task.words)) ?? fix;
  const logit =
    work.odds +
    textWeights.code * (text.code - textMeans.code) +
    textWeights.lines * (text.lines - textMeans.lines) +
    specOdds(task.spec);
  const hardness = 1 / (1 + Math.exp(-logit));
  const complexity = hardness < trivialBelow ? 'trivial' : hardness < complexFrom ? 'standard' : 'complex';
  return { surface: surfaceOf(task), complexity, hardness, features: { hardness, ...text, ...factsOf(task) } };
}

/** Code unless the words speak of research or of data more than of code; what has a spec with a scope is code. */
function surfaceOf({ words, spec }: TaskWords): Surface {
  if (spec !== null && spec.scope.in.length > 0) return 'code-editing';
  const count = (sign: RegExp): number => words.match(sign)?.length ?? 0;
  const code = count(codeSign);
  const research = count(researchSign);
  const data = count(dataSign);
  if (Math.max(research, data) <= code) return 'code-editing';
  return data >= research ? 'data-analysis' : 'research-assistant';
}

function textOf(words: string): { readonly words: number; readonly lines: number; readonly code: number } {
  const count = words.split(/\s+/).filter((word) => word !== '').length;
  return {
    words: share(Math.log1p(count), Math.log(400)),
    lines: share(words.split('\n').length - 1, 20),
    code: /```|\bdef |\bfunction\b|\bcode\b|\bclass\b|=>|\(\)/.test(words) ? 1 : 0,
  };
}

/** What a spec adds to the log-odds. Judgement, not fitted: no public benchmark has specs. */
function specOdds(spec: TaskWords['spec']): number {
  if (spec === null) return 0;
  const tier = { 1: 0.4, 2: 0, 3: -0.4 }[spec.riskTier];
  const mode = { feature: 0.3, refactor: 0.2, fix: 0, doc: -1.5, chore: -1 }[spec.mode];
  const clauses = 0.1 * Math.max(0, Math.min(10, spec.acceptance.length - 3));
  return tier + mode + clauses + (spec.blastRadius.dataMigration ? 0.5 : 0);
}

function factsOf({ spec, repository }: TaskWords): Features {
  const files = spec?.changeBudget?.maxFiles;
  return {
    ...(repository === null ? {} : { repository_files: share(Math.log1p(repository.files), Math.log(100_000)) }),
    ...(files === undefined ? {} : { budget_files: share(Math.log1p(files), Math.log(200)) }),
    ...(spec === null ? {} : { tier: (3 - spec.riskTier) / 2, clauses: share(spec.acceptance.length, 12) }),
  };
}

function share(value: number, whole: number): number {
  return Math.min(1, value / whole);
}
