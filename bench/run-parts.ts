import { writeFileSync } from 'node:fs';
import { describeCommit, describeLoad, describeMachine, digits, root } from './machine.js';
import { type Row, isMet } from './tasks/row.js';

/** Benches by name, in the order in which they run. */
export type Parts = Readonly<Record<string, () => Promise<readonly Row[]>>>;

/**
 * Runs the parts that the command line names (none: all), prints their table, and writes it into a page of docs when
 * `--write` is given, which takes all parts. Told as it is made: whoever stops the bench keeps what there is. A missed
 * target is printed as missed and changes no exit code: a benchmark is no test.
 * @throws Error for a part that there is not
 */
export async function runParts(parts: Parts, page: { readonly file: string; readonly intro: string }): Promise<void> {
  const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const unknown = named.filter((name) => !(name in parts));
  if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  const writes = process.argv.includes('--write');
  if (writes && named.length > 0) throw new Error('--write takes all parts');
  const load = describeLoad();
  const lines: string[] = [];
  for (const [name, bench] of Object.entries(parts)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const startedMs = performance.now();
    const made = (await bench()).map(lineOf);
    lines.push(...made);
    console.error(`${name}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s:\n${made.join('\n')}`);
  }
  const report = `${page.intro}
- machine: ${describeMachine()}
- commit: ${describeCommit()}
- load of the machine when it started: ${load}

| what | measured | target | | beside it |
|---|---|---|---|---|
${lines.join('\n')}
`;
  console.log(report);
  if (writes) writeFileSync(`${root}/docs/${page.file}`, report);
}

function lineOf(row: Row): string {
  const { what, value, unit, target, remark } = row;
  const met = isMet(row);
  return `| ${what} | ${digits(value)} ${unit} | ${promiseOf(row, target)} | ${met === null ? '' : met ? 'met' : '**missed**'} | ${remark} |`;
}

function promiseOf({ unit }: Row, target: Row['target']): string {
  if (target === null) return '';
  return 'below' in target ? `< ${target.below} ${unit}` : `≥ ${target.atLeast.toLocaleString('en')} ${unit}`;
}
