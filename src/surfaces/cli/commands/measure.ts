import type { CandidateInput } from '../../../app/adjudicate/candidate.js';
import type { Measurement } from '../../../app/adjudicate/measure.js';
import { countOf, showForeign } from '../paint.js';
import { shapeCandidate } from './candidate-flags.js';
import type { CommandSurface } from './command-surface.js';

const shownFiles = 50;

export const measureSurface: CommandSurface<CandidateInput, Measurement> = {
  shape: shapeCandidate,
  show(measurement) {
    const { files, totals } = measurement;
    const lines = files.slice(0, shownFiles).map((file) => {
      const name =
        file.oldPath !== null && file.newPath !== null && file.oldPath !== file.newPath
          ? `${file.oldPath} → ${file.newPath}`
          : (file.newPath ?? file.oldPath ?? '');
      const count = file.binary ? 'binary' : `+${file.added} −${file.removed}`;
      const mode =
        file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode
          ? ` (${file.oldMode} → ${file.newMode})`
          : '';
      return `${file.status}  ${count.padEnd(14)} ${showForeign(name)}${mode}`;
    });
    if (files.length > shownFiles) lines.push(`… and ${files.length - shownFiles} more (--json shows all)`);
    lines.push(
      `${countOf(totals.files, 'file')}, ${totals.added} added, ${totals.removed} removed, ${countOf(totals.loc, 'line')} by the budget’s count`,
    );
    return `${lines.join('\n')}\n`;
  },
  exitCode: () => 0,
};
