import { openSync, readFileSync, readdirSync } from 'node:fs';

const closeOnExec = 0o2000000;
let nullFile: number | null = null;

/**
 * Open files that this process itself inherited would be inherited by every child too: a folder of the host among them
 * would be a door out of any sandbox. Node opens its own files close-on-exec, so what lacks that flag came from outside.
 * Returns entries for `spawn`'s `stdio`, by file number, that put /dev/null over each; empty where there is no /proc.
 */
export function maskInheritedFiles(): ReadonlyMap<number, number> {
  const masked = new Map<number, number>();
  for (const name of openFileNames()) {
    const file = Number(name);
    if (file < 3 || !isInheritable(name)) continue;
    nullFile ??= openSync('/dev/null', 'r');
    masked.set(file, nullFile);
  }
  return masked;
}

function openFileNames(): readonly string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
}

function isInheritable(name: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // The folder listing's own file, closed by now.
    return false;
  }
}
