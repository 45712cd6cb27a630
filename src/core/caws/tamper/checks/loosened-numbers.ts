import { lineWith, type Loosening } from './check-config.js';

const floors =
  /^(lines|branches|functions|statements|fail_under|fail-under|cov-fail-under|minimum_coverage|coverage_threshold|coverageThreshold|mutation_threshold|threshold|break|high|low|target|min-coverage|check-coverage|score)$/i;
const ceilings =
  /^(retry|retries|reruns|max-warnings|maxWarnings|max_retries|rerunFailures|allowed-failures|max-complexity|max_complexity|max-line-length)$/i;
const patience = /^(testTimeout|timeout|hookTimeout|test_timeout|defaultTimeout|slowTestThreshold)$/i;
const pair = /(?<![\w-])(?:--)?["']?([A-Za-z][\w-]*)["']?(?:\s*[:=]\s*|\s+)["']?(\d+(?:\.\d+)?)%?["']?/g;

/** Thresholds that fell or went, retries that rose, time limits that grew much. */
export function loosenedNumbers(before: string, after: string): readonly Loosening[] {
  const [old, now] = [numbersOf(before), numbersOf(after)];
  const found: Loosening[] = [];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(key) ?? [], now.get(key) ?? []];
    const loosening = compareKey(key, was, is, after);
    if (loosening !== null) found.push(loosening);
  }
  return found;
}

function numbersOf(text: string): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const [, key = '', value = ''] of text.matchAll(pair)) {
    if (!floors.test(key) && !ceilings.test(key) && !patience.test(key)) continue;
    const list = numbers.get(key) ?? [];
    list.push(Number(value));
    numbers.set(key, list);
  }
  return numbers;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function compareKey(key: string, was: readonly number[], is: readonly number[], after: string): Loosening | null {
  const line = lineWith(after, key);
  if (floors.test(key)) {
    if (was.length > is.length && was.some((value) => value > 0)) {
      return { text: `the threshold "${key}" of ${was.slice(0, 5).join(', ')} is gone`, line, mild: false };
    }
    const at = was.findIndex((value, index) => (is[index] ?? value) < value);
    return at < 0 ? null : { text: `"${key}" fell from ${was[at] ?? ''} to ${is[at] ?? ''}`, line, mild: false };
  }
  const [most, least] = [largest(is), largest(was)];
  if (ceilings.test(key)) {
    return most > least
      ? { text: `"${key}" rose from ${least} to ${most}`, line, mild: /line-length/.test(key) }
      : null;
  }
  return least > 0 && most >= least * 4 ? { text: `"${key}" rose from ${least} to ${most}`, line, mild: true } : null;
}
