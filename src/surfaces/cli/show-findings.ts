import type { Finding, Severity } from '../../core/caws/finding.js';
import { paint, showForeign } from './paint.js';

const labels: Record<Severity, { readonly text: string; readonly colour: 'red' | 'yellow' | 'dim' }> = {
  block: { text: 'BLOCK', colour: 'red' },
  waivable: { text: 'WAIVER', colour: 'yellow' },
  advisory: { text: 'advice', colour: 'dim' },
};

const shownPerRule = 3;

/**
 * Findings as a person reads them: gravest first, one paragraph a rule, its first places, then how to mend it.
 * Foreign text is escaped.
 */
export function showFindings(findings: readonly Finding[], terminal: { readonly colour: boolean }): string[] {
  return [...groupByRule(findings).values()].flatMap((group) => showGroup(group, terminal));
}

function groupByRule(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return groups;
}

function showGroup(group: readonly Finding[], terminal: { readonly colour: boolean }): string[] {
  const first = group[0];
  if (first === undefined) return [];
  const label = labels[first.severity];
  const lines = [
    `${paint(terminal, label.colour, label.text.padEnd(6))} ${paint(terminal, 'bold', first.rule)}  ${paint(terminal, 'dim', first.clause)}`,
  ];
  for (const finding of group.slice(0, shownPerRule))
    lines.push(`       ${placeOf(finding)}${showForeign(finding.message)}`);
  if (group.length > shownPerRule) lines.push(`       … and ${group.length - shownPerRule} more`);
  lines.push(`       ${paint(terminal, 'dim', `mend: ${showForeign(first.mend)}`)}`);
  return lines;
}

function placeOf(finding: Finding): string {
  if (finding.path === null) return '';
  return `${showForeign(finding.path)}${finding.line === null ? '' : `:${finding.line}`}  `;
}
