import { recordOf } from '../../core/caws/dialects/plain-data.js';
import { nearNames } from '../../core/caws/near-names.js';
import { Fault, isFault } from '../../core/fault.js';
import type { Documents } from '../../ports/documents.js';
import { type ConstitutionSource, isYamlPath, singleSpecPath, specFolder } from './constitution-files.js';

export type SpecFaultCode = 'SPEC_NOT_FOUND';

/** Which spec is meant: by id, by its path in the commit, or the only one there is. */
export type SpecChoice = { readonly id: string } | { readonly path: string } | 'only';

export interface FoundSpec {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The id that the file must hold, where one was asked for. */
  readonly id: string | null;
}

/**
 * Finds a spec's file in the commit. Asked for the only one: `.caws/working-spec.yaml`, else the one file under
 * `.caws/specs`; null where there is none, or more than one.
 * @throws SPEC_NOT_FOUND for an id or a path that the commit does not have, with the ids nearest to it
 */
export async function findSpec(
  source: ConstitutionSource,
  documents: Documents,
  choice: SpecChoice,
): Promise<FoundSpec | null> {
  if (choice === 'only') return findOnlySpec(source);
  if ('id' in choice) return findById(source, documents, choice.id);
  const bytes = await source.readFile(choice.path);
  if (bytes === null) throw await refuse(source, choice.path, `the base has no file ${choice.path}`);
  return { path: choice.path, bytes, id: null };
}

async function findById(source: ConstitutionSource, documents: Documents, id: string): Promise<FoundSpec> {
  // An id is a file's name here, so nothing that could lead elsewhere is looked up.
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id);
  for (const path of plain ? [`${specFolder}/${id}.yaml`, `${specFolder}/${id}.yml`] : []) {
    const bytes = await source.readFile(path);
    if (bytes !== null) return { path, bytes, id };
  }
  const bytes = await source.readFile(singleSpecPath);
  if (bytes !== null && readId(documents, bytes) === id) return { path: singleSpecPath, bytes, id };
  throw await refuse(source, id, `the base has no spec ${JSON.stringify(id)}`);
}

// A file that cannot be read holds no id; that it is broken is told where it is the one asked for.
function readId(documents: Documents, bytes: Uint8Array): unknown {
  try {
    return recordOf(documents.read(bytes, singleSpecPath).value)['id'];
  } catch (error) {
    if (isFault(error)) return null;
    throw error;
  }
}

/** Ids by the names of the files under `.caws/specs`, sorted. */
async function listSpecIds(source: ConstitutionSource): Promise<string[]> {
  return (await listSpecPaths(source)).map((path) => path.slice(specFolder.length + 1).replace(/\.ya?ml$/, ''));
}

async function findOnlySpec(source: ConstitutionSource): Promise<FoundSpec | null> {
  const single = await source.readFile(singleSpecPath);
  if (single !== null) return { path: singleSpecPath, bytes: single, id: null };
  const [path, ...others] = await listSpecPaths(source);
  const bytes = path === undefined || others.length > 0 ? null : await source.readFile(path);
  return path === undefined || bytes === null ? null : { path, bytes, id: null };
}

async function listSpecPaths(source: ConstitutionSource): Promise<string[]> {
  return [...(await source.listFiles(specFolder))].filter(isYamlPath).sort();
}

async function refuse(source: ConstitutionSource, wanted: string, message: string): Promise<Fault<SpecFaultCode>> {
  const ids = await listSpecIds(source);
  const near = nearNames(wanted, ids);
  const mend =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : ids.length > 0
        ? `it has ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ` and ${ids.length - 8} more` : ''}`
        : 'write one with `arbiter spec new`, and commit it to the base';
  return new Fault('SPEC_NOT_FOUND', message, { mend, place: { file: specFolder } });
}
