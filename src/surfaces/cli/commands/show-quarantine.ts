import type { BadLine } from '../../../app/rollout/read-lines.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';

const shown = 20;

/** Lines that were set aside, the first 20 of them with what is wrong. */
export function showQuarantine(lines: readonly BadLine[], file: string | null, terminal: Terminal): string[] {
  if (lines.length === 0) return [];
  const where = file === null ? '' : `, written to ${showForeign(file)}`;
  const more = lines.length - shown;
  return [
    paint(terminal, 'yellow', `${countOf(lines.length, 'line')} set aside${where}:`),
    ...lines.slice(0, shown).map(({ line, reason }) => `  line ${line}: ${showForeign(reason)}`),
    ...(more > 0 ? [`  and ${more} more (--json tells all)`] : []),
  ];
}
