import { z } from 'zod';
import { recordRef } from '../../core/caws/publication/publisher.js';
import { type Origin, type WhyReport, whyReportSchema } from '../../core/caws/publication/why-report.js';
import { isFault } from '../../core/fault.js';
import type { BlamedLines, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import type { CoverDesk } from '../verify-range/cover-desk.js';
import { createProofDesk } from '../verify-range/prove-commit.js';
import { createKeyringReader } from '../verify-range/read-keyrings.js';
import { readRecord } from '../verify-range/read-record.js';
import { createWordReader } from '../verify-range/read-words.js';
import { readRootKey } from '../verify-range/root-key.js';
import { findRecord } from '../verify-range/verify-range.js';
import { type Law, explainCommit } from './explain-commit.js';
import { type AskedLines, locateLines } from './locate-lines.js';

const whyInputSchema = z.strictObject({
  repository: z.string().min(1),
  target: z.string().min(1).describe('FILE, FILE:LINE or FILE:FROM-TO; absolute, or from the top of the repository.'),
  at: z.string().min(1).optional().describe('Commit whose file is meant. Default: HEAD.'),
  root: z.string().min(1).optional().describe('Public root key to trust, instead of the one pinned on this machine.'),
});
export type WhyInput = z.infer<typeof whyInputSchema>;

/**
 * Why lines are there: blame leads to their commits, and each commit is asked what it stands on as `arbiter verify` would
 * ask. What cannot be verified is said to be so, never told as if it were true.
 * @throws WHY_FILE_UNKNOWN, WHY_LINE_OUT_OF_RANGE, WHY_FILE_BINARY, ROOT_KEY_INVALID, UNKNOWN_REVISION, GIT_FAILED also in
 * a shallow clone
 */
export const why: Operation<WhyInput, WhyReport> = {
  name: 'why',
  summary: 'say why lines are there: who made them, under which verdict',
  role: 'anyone',
  input: whyInputSchema,
  output: whyReportSchema,
  async run(ports, { repository, target, at = 'HEAD', root }, { progress, signal }) {
    const rootKey = await readRootKey(ports, root);
    return useRepository(ports, repository, signal, async (git) => {
      const { id: commit } = await git.resolveCommit(at);
      const asked = await locateLines(ports, git, { target, commit, revision: at });
      const { path, lines, total } = asked;
      // First: in a shallow clone every line would seem to have come with the commit at its edge.
      const repositoryId = await git.repositoryId(commit);
      const record = await findRecord(git);
      const index = await readRecord(git, record);
      const keyringAt = await createKeyringReader(ports, git, { repositoryId, rootKey, head: commit });
      const proofs = createProofDesk(ports, git, { commits: [], index, keyringAt, repositoryId });
      const words = createWordReader(git, record);
      const nowMs = ports.clock.nowMs();
      const desk = { ports, git, repositoryId, index, localCounts: true, nowMs, proofs, words };
      progress.stage('why', path);
      const blamed = total === 0 ? [] : await git.blame({ commit, path, lines });
      const origins = await explainLines(desk, blamed, { keyringAt, head: commit });
      const notes = [
        ...(at === 'HEAD' ? await noteWorkTree(ports, git, asked) : []),
        ...(record === null && origins.some(({ state }) => state === 'unproven') ? [noRecord] : []),
      ];
      return { file: path, revision: commit, lines, total, notes, origins };
    });
  },
};

const noRecord = `${recordRef} is not here, so no verdict can be checked: git fetch origin ${recordRef}:${recordRef}`;

/** One origin for each commit and name of the file, by its first line; every commit is explained once. */
async function explainLines(desk: CoverDesk, blamed: readonly BlamedLines[], law: Law): Promise<Origin[]> {
  const { git } = desk;
  const ids = [...new Set(blamed.map(({ commit }) => commit))];
  const explained = new Map<string, Awaited<ReturnType<typeof explainCommit>>>();
  for (const commit of await git.readCommits(ids)) {
    explained.set(commit.id, await explainCommit(desk, law, commit));
  }
  const origins = new Map<string, Origin>();
  for (const { commit, path, from, to } of blamed) {
    const said = explained.get(commit);
    if (said === undefined) continue;
    const key = `${commit} ${path}`;
    const earlier = origins.get(key)?.lines ?? [];
    origins.set(key, { ...said, path, lines: join(earlier, { from, to }) });
  }
  return [...origins.values()];
}

function join(lines: Origin['lines'], next: Origin['lines'][number]): Origin['lines'] {
  const last = lines.at(-1);
  return last !== undefined && last.to + 1 === next.from
    ? [...lines.slice(0, -1), { from: last.from, to: next.to }]
    : [...lines, next];
}

/** What is asked about is the commit's file; a work tree that says something else is named. */
async function noteWorkTree(ports: Ports, git: GitSession, { path, bytes }: AskedLines): Promise<string[]> {
  if (git.bare) return [];
  const file = `${git.root}/${path}`;
  if (!(await ports.files.exists(file))) return [`${path} is gone from the work tree: this is HEAD’s`];
  try {
    const here = await ports.files.readFile(file);
    const same = here.length === bytes.length && here.every((byte, at) => byte === bytes[at]);
    return same ? [] : [`${path} differs from HEAD in the work tree: lines are those of HEAD`];
  } catch (error) {
    if (isFault(error, 'FILE_TOO_LARGE') || isFault(error, 'FILE_UNREADABLE'))
      return [`${path} could not be read in the work tree: lines are those of HEAD`];
    throw error;
  }
}
