import { checkSpec } from '../../core/caws/dialects/check-value.js';
import { digestBytes } from '../../core/digest.js';
import { Fault, isFault } from '../../core/fault.js';
import type { Ports } from '../../ports/ports.js';
import { type ConstitutionSource, isYamlPath, singleSpecPath, specFolder } from '../constitution/constitution-files.js';
import type { SpecChoice } from '../constitution/find-spec.js';

export type SpecChoiceFaultCode = 'SPEC_AMBIGUOUS' | 'SPEC_MISSING';

/** Which spec is meant, where its bytes come from, and why the result can only advise (null when it can do more). */
export interface ChosenSpec {
  readonly choice: SpecChoice;
  readonly source: ConstitutionSource;
  readonly distrust: string | null;
}

const maxSpecBytes = 1024 * 1024;

/**
 * Settles `--spec ID|FILE`. A file counts as the spec at the base that has the same bytes; one that equals none is read
 * all the same, and then the result is advisory (constitution §3, Trust root). Without a name: the only open spec.
 * @throws SPEC_AMBIGUOUS when none is named and several are open; FILE_UNREADABLE
 */
export async function chooseSpec(
  ports: Ports,
  source: ConstitutionSource,
  named: string | undefined,
): Promise<ChosenSpec> {
  if (named === undefined) return { choice: await chooseOpen(ports, source), source, distrust: null };
  const isFile = /[/\\]|\.(ya?ml|json)$/.test(named) && (await ports.files.exists(named));
  if (!isFile) return { choice: { id: named }, source, distrust: null };
  const bytes = await ports.files.readFile(named, { maxBytes: maxSpecBytes });
  const same = await findSame(source, digestBytes(bytes));
  if (same !== null) return { choice: { path: same }, source, distrust: null };
  const overlaid = { ...source, readFile: async (path: string) => (path === named ? bytes : source.readFile(path)) };
  return { choice: { path: named }, source: overlaid, distrust: `the spec ${named} equals no spec at the base` };
}

async function listSpecs(source: ConstitutionSource): Promise<string[]> {
  const paths = [...(await source.listFiles(specFolder))].filter(isYamlPath).sort();
  return (await source.readFile(singleSpecPath)) === null ? paths : [...paths, singleSpecPath];
}

async function findSame(source: ConstitutionSource, digest: string): Promise<string | null> {
  for (const path of await listSpecs(source)) {
    const bytes = await source.readFile(path);
    if (bytes !== null && digestBytes(bytes) === digest) return path;
  }
  return null;
}

async function chooseOpen(ports: Ports, source: ConstitutionSource): Promise<SpecChoice> {
  const open: string[] = [];
  for (const path of await listSpecs(source)) {
    const bytes = await source.readFile(path);
    if (bytes !== null && isOpen(ports, bytes, path)) open.push(path);
  }
  if (open.length > 1) {
    const ids = open.map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/, ''));
    throw new Fault<SpecChoiceFaultCode>(
      'SPEC_AMBIGUOUS',
      `the base has ${open.length} open specs, and none is named`,
      {
        mend: `name one with --spec: ${ids.slice(0, 20).join(', ')}`,
      },
    );
  }
  return open[0] === undefined ? 'only' : { path: open[0] };
}

/** Closed and archived specs are history. One that cannot be read counts, so that it is found broken, not absent. */
function isOpen(ports: Ports, bytes: Uint8Array, path: string): boolean {
  try {
    const lifecycle = checkSpec(ports.documents.read(bytes, path).value).value?.lifecycle;
    return lifecycle !== 'closed' && lifecycle !== 'archived';
  } catch (error) {
    if (isFault(error, 'YAML_INVALID') || isFault(error, 'YAML_REFUSED')) return true;
    throw error;
  }
}
