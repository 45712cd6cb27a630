import { type LineFact, pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import type { AutomationChange } from './package-manifest.js';

/** Names of targets and tasks that check something, or that installers and hooks call. */
const checking =
  /^[\w.-]*(test|check|lint|ci|cov|coverage|verify|audit|mutat\w*|spec|typecheck|pytest|install|hooks?)[\w.-]*$/i;

interface BuildFile {
  readonly path: RegExp;
  /** The part of the file that a line stands in: a target or a section head. */
  readonly head: RegExp;
  /** True when a change of this line under this head alters what is run. */
  readonly alters: (head: string, line: string, variables: ReadonlySet<string>) => boolean;
}

const pyprojectTasks =
  /^tool\.(tox|nox|hatch\.envs\..*|hatch\.build\..*hooks.*|pdm\.(scripts|build)|poe\.tasks.*|taskipy\.tasks|poetry\.build|setuptools\.cmdclass|cibuildwheel.*)/;

const makeTarget = /^([\w./%$(){}-]+(?:\s+[\w./%$(){}-]+)*)\s*::?(?!=)/;
const none: ReadonlySet<string> = new Set();

const buildFiles: readonly BuildFile[] = [
  {
    path: /(^|\/)(gnumakefile|makefile|[\w.-]+\.mk)$/i,
    head: makeTarget,
    alters: (head, line, variables) =>
      variables.has(/^([A-Za-z_][\w.-]*)\s*[:?+!]{0,2}=/.exec(line)?.[1] ?? '') ||
      /^\s*(export\s+)?(SHELL|\.SHELLFLAGS|MAKEFLAGS)\s*[:?+]?=|^-?include\b|^\.(IGNORE|DEFAULT_GOAL)/.test(line) ||
      head.split(/\s+/).some((target) => checking.test(target)),
  },
  {
    path: /(^|\/)\.?justfile$/i,
    head: /^@?([\w-]+)(?:\s[^:]*)?:(?!=)/,
    alters: (head) => checking.test(head),
  },
  {
    path: /(^|\/)taskfile\.ya?ml$/i,
    head: /^ {2}([\w:.-]+):\s*$/,
    alters: (head) => checking.test(head),
  },
  {
    path: /(^|\/)tox\.ini$/i,
    head: /^\[([^\]]+)\]/,
    alters: (head, line) => /^(tox|testenv|gh-actions)/.test(head) && /\S/.test(line),
  },
  {
    path: /(^|\/)noxfile\.py$/i,
    head: /^def (\w+)/,
    alters: (_head, line) => /\S/.test(line) && !/^\s*#/.test(line),
  },
  {
    path: /(^|\/)setup\.cfg$/i,
    head: /^\[([^\]]+)\]/,
    alters: (head) => /^(aliases|tox:|testenv|options\.cmdclass)/.test(head),
  },
  {
    path: /(^|\/)pyproject\.toml$/i,
    head: /^\[{1,2}([^[\]]+)\]/,
    alters: (head, line) =>
      (pyprojectTasks.test(head) && !/^\s*(python|description|dependencies|extra-dependencies)\b/.test(line)) ||
      (head === 'build-system' && /^\s*(build-backend|backend-path)\b/.test(line)),
  },
  {
    path: /(^|\/)setup\.py$/i,
    head: /^class (\w+)/,
    alters: (head, line) => /\bcmdclass\b/.test(line) || /(Install|Develop|Build|Egg|Test)\w*(Command)?$/i.test(head),
  },
  {
    path: /(^|\/)cargo\.toml$/i,
    head: /^\[{1,2}([^[\]]+)\]/,
    alters: (head, line) => head === 'package' && /^\s*build\s*=/.test(line),
  },
  {
    path: /(^|\/)(\.devcontainer\/.*|\.?devcontainer)\.json$/i,
    head: /^(?!)/,
    alters: (_head, line) => /"(initialize|onCreate|updateContent|postCreate|postStart|postAttach)Command"/.test(line),
  },
];

/** Variables that the recipes of checking targets use: `TEST := true` alters a target that runs `$(TEST)`. */
function variablesOfChecks(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  let inside = false;
  for (const line of text.split('\n')) {
    const target = makeTarget.exec(line)?.[1];
    if (target !== undefined) inside = target.split(/\s+/).some((word) => checking.test(word));
    if (inside) for (const [, name = ''] of line.matchAll(/\$[({]([\w.-]+)[)}]/g)) names.add(name);
  }
  return names;
}

/** Changed lines of build files that alter what is checked or what runs by itself; one change a head. */
export function buildFileChanges(facts: FileFacts): readonly AutomationChange[] {
  const path = pathOf(facts.file);
  if (facts.file.status === 'A' && /(^|\/)build\.rs$/.test(path)) return [{ message: 'adds a build script', line: 1 }];
  const kind = buildFiles.find((it) => it.path.test(path));
  if (kind === undefined) return [];
  const now = altered(kind, facts.newText, facts.addedLines, (head) => `changes the commands of ${head}`);
  const gone = altered(kind, facts.oldText, facts.removedLines, (head) => `removes commands of ${head}`);
  const seen = new Set(now.map((it) => it.head));
  return [...now, ...gone.filter((it) => !seen.has(it.head))].map(({ message, line }) => ({ message, line }));
}

function altered(
  kind: BuildFile,
  text: string | null,
  lines: readonly LineFact[],
  say: (head: string) => string,
): readonly { readonly head: string; readonly message: string; readonly line: number }[] {
  if (text === null || lines.length === 0) return [];
  const heads = headsOf(kind, text);
  const variables = kind.head === makeTarget ? variablesOfChecks(text) : none;
  const first = new Map<string, number>();
  for (const { line, text: changed } of lines) {
    const head = heads[line - 1] ?? '';
    if (changed.trim() !== '' && kind.alters(head, changed, variables) && !first.has(head)) first.set(head, line);
  }
  return [...first].map(([head, line]) => ({
    head,
    line,
    message: say(head === '' ? 'this build file' : `"${head}"`),
  }));
}

function headsOf(kind: BuildFile, text: string): readonly string[] {
  let head = '';
  return text.split('\n').map((line) => (head = kind.head.exec(line)?.[1]?.trim() ?? head));
}
