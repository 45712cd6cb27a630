import type { Admission } from '../arbiter-config.js';
import { type ChangedFile, pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, type Rule, findingOf } from '../finding.js';
import { compilePatterns } from '../scope-pattern.js';
import type { Standing } from '../scope.js';
import { isTestPath } from '../test-path.js';
import type { ChangeMode, WorkingSpec } from '../working-spec.js';
import { isDocumentation, isTooling } from './path-kinds.js';

const rule = (id: string, why: string, mend: string): Rule => ({
  id,
  clause: 'CAWS mode matrix; constitution §3 part 4',
  severity: 'waivable',
  why,
  mend,
});

const contractsRule = rule(
  'mode.refactor.contract',
  'a refactoring keeps its promises to others as they are',
  'leave the contract as it is, or give the spec another mode',
);
const surfaceRule = rule(
  'mode.refactor.public-surface',
  'new public surface is a feature, and is reviewed as one',
  'keep the name private, or have a human admit it under admissions.<spec-id>.public_api',
);
const featureRule = rule(
  'mode.feature.new-file',
  'a feature adds files only where its spec says that it works',
  'put the new file inside scope.in',
);
const docRule = rule(
  'mode.doc',
  'a documentation change touches documents only',
  'take the file out, or give the spec another mode',
);
const choreRule = rule(
  'mode.chore',
  'a chore touches build and tooling only, so that nobody has to test the product again',
  'take the file out, or give the spec another mode',
);

/** What the spec's mode forbids for one changed file. Fix mode is proved by gate B3, not here. */
export function examineMode(
  facts: FileFacts,
  input: {
    readonly spec: WorkingSpec;
    readonly admission: Admission | null;
    readonly standing: Standing;
  },
): Finding[] {
  // Protected and excluded places already have their own finding.
  if (['protected', 'out', 'violation'].includes(input.standing)) return [];
  return modeRules[input.spec.mode](facts, input);
}

type ModeInput = Parameters<typeof examineMode>[1];

/** One row a mode: what it forbids. */
const modeRules: Readonly<Record<ChangeMode, (facts: FileFacts, input: ModeInput) => Finding[]>> = {
  refactor: (facts, { spec, admission }) => [
    ...examineContracts(facts.file, spec),
    ...examineSurface(facts, admission),
  ],
  feature: ({ file }, { standing }) => examinePlaceOfNewFile(file, standing),
  doc: ({ file }) =>
    isDocumentation(pathOf(file)) ? [] : [findingOf(docRule, 'not a document', { path: pathOf(file) })],
  chore: ({ file }) => {
    const path = pathOf(file);
    const belongs = isTooling(path) || isDocumentation(path);
    return belongs ? [] : [findingOf(choreRule, 'neither build nor tooling', { path })];
  },
  fix: () => [],
};

function examinePlaceOfNewFile(file: ChangedFile, standing: Standing): Finding[] {
  const path = pathOf(file);
  const misplaced = file.status === 'A' && standing === 'support' && !isTestPath(path);
  return misplaced ? [findingOf(featureRule, 'a new file outside scope.in', { path })] : [];
}

function examineContracts(file: ChangedFile, spec: WorkingSpec): Finding[] {
  const contracts = spec.contracts.flatMap((contract) => (contract.path === null ? [] : [contract.path]));
  const touches = compilePatterns(contracts);
  return [file.oldPath, file.newPath]
    .filter((path) => path !== null)
    .filter(touches)
    .slice(0, 1)
    .map((path) => findingOf(contractsRule, 'a contract of the spec changes in a refactoring', { path }));
}

function examineSurface(facts: FileFacts, admission: Admission | null): Finding[] {
  const path = pathOf(facts.file);
  if (facts.newSyntax === null || isTestPath(path)) return [];
  const isAdmitted = compilePatterns(admission?.public_api ?? []);
  const before = new Set(facts.oldSyntax?.exports.map((entry) => entry.name) ?? []);
  return facts.newSyntax.exports
    .filter((entry) => !before.has(entry.name) && !isAdmitted(path) && !isAdmitted(entry.name))
    .map((entry) =>
      findingOf(surfaceRule, `a refactoring adds ${JSON.stringify(entry.name)} to the public surface`, {
        path,
        line: entry.line,
      }),
    );
}
