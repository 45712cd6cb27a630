// npm run honest:measure -- REPOSITORY… [--take N] [--date YYYY-MM-DD] [--findings FILE] [--write]
// Examines the newest commits of real repositories without a spec, and counts what would have stopped them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createGit } from '../src/adapters/git/create-git.js';
import { createSyntax } from '../src/adapters/syntax/create-syntax.js';
import { readFacts } from '../src/app/adjudicate/read-facts.js';
import { arbiterConfigSchema } from '../src/core/caws/arbiter-config.js';
import { examineFile, type FileExamination } from '../src/core/caws/examine/examine-file.js';
import { examinePlea, scopeOf } from '../src/core/caws/examine/examine-plea.js';
import type { Finding, Severity } from '../src/core/caws/finding.js';
import { defaultPolicy } from '../src/core/caws/policy.js';
import { isSourcePath } from '../src/core/caws/tamper/text/source-path.js';
import type { GitSession } from '../src/ports/git.js';
import { handWritten, type MeasuredCommit, renderHonestCommits } from './honest-commits-page.js';

const config = arbiterConfigSchema.parse({ version: 1 });
const syntax = createSyntax();

/** The newest `take` commits with one parent that touch source, newest first by git's own order. */
function chooseCommits(repository: string, take: number): readonly string[] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const chosen: string[] = [];
  for (const record of git(
    'log',
    '--no-merges',
    '--min-parents=1',
    '--no-renames',
    '--name-only',
    '--format=%x00%H',
    'HEAD',
  ).split('\0')) {
    const [id = '', ...paths] = record.split('\n').filter((line) => line !== '');
    if (id !== '' && paths.some((path) => isSourcePath(path))) chosen.push(id);
    if (chosen.length === take) break;
  }
  return chosen;
}

/** Measures one commit against its parent and examines it as `arbiter examine` does where there is no `.caws`. */
async function examineCommit(session: GitSession, id: string): Promise<readonly Finding[]> {
  const commit = await session.resolveCommit(id);
  const base = await session.resolveCommit(commit.parents[0] ?? id);
  const change = await session.measure(base, commit.tree, commit.id);
  const standingOf = scopeOf(null, defaultPolicy, config);
  const files: FileExamination[] = [];
  for await (const facts of readFacts(session, syntax, change, null)) {
    files.push(examineFile(facts, { change, spec: null, admission: null, standingOf }));
  }
  return examinePlea({
    spec: null,
    policy: defaultPolicy,
    config,
    plan: null,
    change,
    files,
    // Shadow files only advise, and cost a listing of the tree for each commit.
    existingOriginals: new Set(),
    waivers: [],
  }).findings;
}

async function measureRepository(repository: string, take: number): Promise<MeasuredCommit[]> {
  const session = await createGit().open(repository);
  try {
    const measured: MeasuredCommit[] = [];
    for (const id of chooseCommits(repository, take)) {
      measured.push({ repository: nameOf(repository), id, findings: await examineCommit(session, id) });
    }
    return measured;
  } finally {
    await session.close();
  }
}

/** `owner+name/repo` and `owner/name/.git` are mirrors' ways of writing `owner/name`. */
function nameOf(repository: string): string {
  const plain = repository.replace(/\/+$/, '');
  const named = /^(repo|\.git)$/.test(basename(plain)) ? dirname(plain) : plain;
  return basename(named)
    .replace('+', '/')
    .replace(/\.git$/, '');
}

function findingLines(commits: readonly MeasuredCommit[]): string {
  const rank: Record<Severity, number> = { block: 0, waivable: 1, advisory: 2 };
  const rows = commits.flatMap(({ repository, id, findings }) =>
    findings.map(({ rule, severity, path, line, message }) => ({
      severity,
      rule,
      repository,
      id,
      path,
      line,
      message,
    })),
  );
  const sorted = rows.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
  return sorted.map((row) => `${JSON.stringify(row)}\n`).join('');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    take: { type: 'string', default: '80' },
    date: { type: 'string' },
    findings: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
if (positionals.length === 0 || !/^[1-9]\d*$/.test(values.take)) {
  console.error(
    'usage: npm run honest:measure -- REPOSITORY… [--take N] [--date YYYY-MM-DD] [--findings FILE] [--write]',
  );
  process.exit(3);
}
const commits: MeasuredCommit[] = [];
for (const repository of positionals) commits.push(...(await measureRepository(repository, Number(values.take))));
if (values.findings !== undefined) writeFileSync(values.findings, findingLines(commits));
const page = renderHonestCommits(commits, {
  take: Number(values.take),
  date: values.date ?? new Date().toISOString().slice(0, 10),
});
if (values.write) {
  const file = new URL('../docs/honest-commits.md', import.meta.url);
  const kept = existsSync(file) ? (readFileSync(file, 'utf8').split(`${handWritten}\n`)[1] ?? '') : '';
  writeFileSync(file, page + kept);
}
console.log(page);
