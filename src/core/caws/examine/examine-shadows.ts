import type { ChangedFile } from '../change.js';
import { type Finding, type Rule, findingOf } from '../finding.js';

const shadowRule: Rule = {
  id: 'shadow.file',
  clause: 'CAWS: no shadow files; constitution §3 part 4',
  severity: 'advisory',
  why: 'a second version beside the original leaves two truths, and the old one stays in use',
  mend: 'change the original in place',
};

const suffix = /[-_. ]?(copy|final|enhanced|improved|updated|fixed|refactored|backup|old|new|v\d+|\d+)$/i;
const prefix = /^(new|enhanced|improved|updated|fixed|copy[-_ ]?of|old)[-_. ]/i;

/**
 * For each added file whose name looks like another's second version, the original's path that would make it a shadow.
 * The caller looks which of them exist in the candidate, and hands those to `examineShadows`.
 */
export function listShadowCandidates(
  files: readonly ChangedFile[],
): { readonly path: string; readonly original: string }[] {
  return files.flatMap((file) => {
    if (file.status !== 'A' || file.newPath === null) return [];
    const path = file.newPath;
    const slash = path.lastIndexOf('/') + 1;
    const directory = path.slice(0, slash);
    const name = path.slice(slash);
    const dot = name.indexOf('.', 1);
    // `report.final.ts` carries the pattern in a middle part: take only the last ending as the ending.
    return endingsOf(name, dot).flatMap(([stem, ending]) =>
      [stem.replace(suffix, ''), stem.replace(prefix, '')]
        .filter((plain) => plain !== '' && plain !== stem)
        .map((plain) => ({ path, original: `${directory}${plain}${ending}` })),
    );
  });
}

function endingsOf(name: string, dot: number): [string, string][] {
  if (dot === -1) return [[name, '']];
  const last = name.lastIndexOf('.');
  const cuts = last === dot ? [dot] : [dot, last];
  return cuts.map((cut) => [name.slice(0, cut), name.slice(cut)]);
}

/** Advisory findings for added files that stand beside the original that they imitate. */
export function examineShadows(files: readonly ChangedFile[], existing: ReadonlySet<string>): Finding[] {
  const reported = new Set<string>();
  return listShadowCandidates(files).flatMap(({ path, original }) => {
    if (reported.has(path) || !existing.has(original)) return [];
    reported.add(path);
    return [findingOf(shadowRule, `it reads as a second version of ${original}`, { path })];
  });
}
