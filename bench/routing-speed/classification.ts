import { performance } from 'node:perf_hooks';
import { classifyTask } from '../../src/core/routing/classify.js';
import { quantile } from '../speed/row.js';

const sentence = 'Fix the crash in parse() when the file is empty, and find out why the layout of the chart breaks.\n';

/** Classification of a task of usual length, P99 over 2,000, and of the longest words that a task may have, the slowest of 20. */
export function measureClassification(): { readonly p99Ms: number; readonly longestMs: number } {
  const time = (words: string): number => {
    const begun = performance.now();
    classifyTask({ words, spec: null, repository: { files: 1000 } });
    return performance.now() - begun;
  };
  const usual = Array.from({ length: 2000 }, (_, at) => time(`${sentence.repeat(3)}${at}`));
  const long = Array.from({ length: 20 }, (_, at) => time(`${sentence.repeat(202).slice(0, 20_000)}${at}`));
  return { p99Ms: quantile(usual, 0.99), longestMs: quantile(long, 1) };
}
