import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createDocuments } from '../src/adapters/yaml/documents.js';
import { type FileCheck, checkFiles } from '../src/app/constitution/check-files.js';

const folder = fileURLToPath(new URL('../../shared/data/caws/', import.meta.url));
const present = existsSync(`${folder}index.tsv`);
const skipped = present ? '' : ' (skipped: no shared data)';

interface Row {
  readonly file: string;
  readonly kind: 'spec' | 'policy' | 'waiver';
  readonly B: string;
  readonly C: string;
  readonly rulesOfC: readonly string[];
}

function readRows(): Row[] {
  if (!present) return [];
  const [header = '', ...lines] = readFileSync(`${folder}index.tsv`, 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const rulesOfC = cell('caws_cli_12.0_rules').match(/\b(spec|policy|waiver)(\.[a-z0-9_]+)+/g) ?? [];
    return {
      file: cell('file'),
      kind: cell('kind') as Row['kind'],
      B: cell('caws_cli_10.2'),
      C: cell('caws_cli_12.0'),
      rulesOfC: [...new Set(rulesOfC)].sort(),
    };
  });
}

const rows = readRows();
const files = { readFile: async (path: string) => new Uint8Array(await readFile(folder + path)) };

async function check(row: Row, dialect: 'B' | 'C', kind: Row['kind'] | 'auto' = row.kind): Promise<FileCheck> {
  const [found] = await checkFiles({ files, documents: createDocuments() }, { files: [row.file], dialect, kind });
  if (!found) throw new Error(`no answer for ${row.file}`);
  return found;
}

function rulesOf(found: FileCheck): string[] {
  const rules = found.errors.map((error) => error.rule.replace(/^yaml\.invalid$/, 'spec.yaml.parse_failed'));
  return [...new Set(rules)].sort();
}

describe(`agreement with the public tool${skipped}`, () => {
  it.skipIf(!present).each(['spec', 'policy', 'waiver'] as const)('has rows of kind %s', (kind) => {
    expect(rows.filter((row) => row.kind === kind && row.B !== '').length).toBeGreaterThan(2);
  });

  it.skipIf(!present).each(['B', 'C'] as const)('verdicts in dialect %s', async (dialect) => {
    const differences: string[] = [];
    for (const row of rows.filter((one) => one[dialect] !== '')) {
      const found = await check(row, dialect);
      if (found.valid !== (row[dialect] === 'valid')) differences.push(`${row.file}: ${JSON.stringify(found.errors)}`);
    }
    expect(differences).toEqual([]);
  });

  it.skipIf(!present)('rules of dialect C: the same for specs, the tool’s among ours for the others', async () => {
    const differences: string[] = [];
    for (const row of rows.filter((one) => one.C !== '')) {
      const ours = rulesOf(await check(row, 'C'));
      const same =
        row.kind !== 'spec'
          ? row.rulesOfC.every((rule) => ours.includes(rule))
          : JSON.stringify(ours) === JSON.stringify(row.rulesOfC);
      if (!same) differences.push(`${row.file}: ours ${ours.join(' ')}, theirs ${row.rulesOfC.join(' ')}`);
    }
    expect(differences).toEqual([]);
  });

  it.skipIf(!present)('every kind is detected from the content', async () => {
    const wrong: string[] = [];
    for (const row of rows) {
      const found = await check({ ...row, file: row.file }, 'C', 'auto');
      if (found.kind !== row.kind) wrong.push(`${row.file}: ${found.kind ?? 'none'}`);
    }
    expect(wrong).toEqual([]);
  });

  it.skipIf(!present)('the dialect detected is one that accepts the file, wherever one does', async () => {
    const wrong: string[] = [];
    for (const row of rows.filter((one) => one.B === 'valid' || one.C === 'valid')) {
      const [found] = await checkFiles(
        { files, documents: createDocuments() },
        { files: [row.file], dialect: 'auto', kind: 'auto' },
      );
      if (found?.valid !== true) wrong.push(`${row.file}: ${found?.dialect ?? 'none'} (B ${row.B}, C ${row.C})`);
    }
    expect(wrong).toEqual([]);
  });
});
