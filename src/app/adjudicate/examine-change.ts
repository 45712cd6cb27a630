import { type Change } from '../../core/caws/change.js';
import { examineFile, type FileExamination } from '../../core/caws/examine/examine-file.js';
import { examinePlea, scopeOf } from '../../core/caws/examine/examine-plea.js';
import { listShadowCandidates } from '../../core/caws/examine/examine-shadows.js';
import type { Examination } from '../../core/caws/examine/examination.js';
import type { FileFacts } from '../../core/caws/file-facts.js';
import type { PlanOfEdit } from '../../core/caws/plea.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Constitution } from './admit.js';
import { readFacts } from './read-facts.js';

/** Facts that gates need (the tripwire, the mutator) are kept only for changes of a size that gates run on. */
const keptFacts = 400;

/** The examination and the facts that deliberation goes on with. */
export interface ExaminedChange {
  readonly examination: Examination;
  readonly facts: readonly FileFacts[];
}

/** Streams the change's contents, examines each file, then the whole (constitution §3). */
export async function examineChange(
  ports: Ports,
  git: GitSession,
  change: Change,
  constitution: Constitution,
  plan: PlanOfEdit | null,
): Promise<ExaminedChange> {
  const { spec, policy, config } = constitution;
  const admission = spec === null ? null : (config.admissions[spec.id] ?? null);
  const context = { change, spec, admission, standingOf: scopeOf(spec, policy, config) };
  const files: FileExamination[] = [];
  const facts: FileFacts[] = [];
  for await (const file of readFacts(git, ports.syntax, change, spec?.mode ?? null)) {
    files.push(examineFile(file, context));
    if (facts.length < keptFacts) facts.push(file);
  }
  const examination = examinePlea({
    spec,
    policy,
    config,
    plan,
    change,
    files,
    existingOriginals: await findOriginals(git, change),
    waivers: constitution.waivers,
  });
  return { examination, facts };
}

async function findOriginals(git: GitSession, change: Change): Promise<ReadonlySet<string>> {
  const candidates = new Set(listShadowCandidates(change.files).map((candidate) => candidate.original));
  const found = new Set<string>();
  if (candidates.size === 0) return found;
  for (const entry of await git.listFiles(change.tree, '')) {
    if (candidates.has(entry.path)) found.add(entry.path);
  }
  return found;
}
