import { lineWith, type Loosening } from './check-config.js';

const rule =
  /(?<![\w@/-])["']?(@?[a-z][\w-]*(?:\/[\w-]+)*)["']?\s*:\s*\[?\s*["']?(error|warn|warning|off|deny|allow|0|1|2)["']?(?=[\s,\]}]|$)/g;
const levels: Readonly<Record<string, number>> = {
  off: 0,
  allow: 0,
  '0': 0,
  warn: 1,
  warning: 1,
  '1': 1,
  error: 2,
  deny: 2,
  '2': 2,
};

/** True for a configuration of lint rules. */
export function isLintConfig(path: string): boolean {
  return /eslint|biome|oxlint|tslint|\.golangci/i.test(path);
}

/** Lint rules whose level fell, or that were turned off by name. Formatting rules turned off for a formatter are mild. */
export function loosenedRules(before: string, after: string): readonly Loosening[] {
  const [old, now] = [rulesOf(before), rulesOf(after)];
  return [...now].flatMap(([name, is]) => {
    const was = old.get(name);
    if (was === undefined ? is > 0 : is >= was) return [];
    const text = was === undefined ? `the rule "${name}" was turned off` : `the rule "${name}" was lowered`;
    return [{ text, line: lineWith(after, name), mild: was === undefined && formatting.test(name) }];
  });
}

const formatting =
  /(indent|quotes|semi|comma|spac|max-len|linebreak|padd|newline|brace|wrap|camelcase|sort|order|prettier)/;

function rulesOf(text: string): Map<string, number> {
  const rules = new Map<string, number>();
  for (const [, name = '', level = ''] of text.matchAll(rule)) {
    const value = levels[level] ?? 2;
    rules.set(name, Math.min(rules.get(name) ?? 2, value));
  }
  return rules;
}
