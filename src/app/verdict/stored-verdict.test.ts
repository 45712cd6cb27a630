import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../adapters/yaml/documents.js';
import { assembleVerdict } from '../../core/caws/verdict/assemble-verdict.js';
import { facts } from '../../core/caws/verdict/fixtures/matter.js';
import { renderVerdict } from '../../core/caws/verdict/verdict-yaml.js';
import { digestBytes } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { Documents } from '../../ports/documents.js';
import { readStoredVerdict, rememberVerdict } from './stored-verdict.js';

const verdict = assembleVerdict(facts());
const bytes = renderVerdict(verdict);
const sha256 = digestBytes(bytes);

/** A store that holds the one verdict until it is erased, and counts how often a document is read. */
function layStore() {
  const store = { erased: false, readings: 0 };
  const strict = createDocuments();
  const documents: Documents = {
    read(given, file) {
      store.readings += 1;
      return strict.read(given, file);
    },
  };
  const getContent = async (): Promise<Uint8Array> => {
    if (store.erased) throw new Fault('CONTENT_ERASED', 'erased', { mend: 'none' });
    return bytes;
  };
  return { store, of: { tasks: { getContent }, documents } };
}

describe('readStoredVerdict', () => {
  it('reads a stored verdict once', async () => {
    const { store, of } = layStore();
    const read = await readStoredVerdict(of, sha256);
    expect(await readStoredVerdict(of, sha256)).toBe(read);
    expect(store.readings).toBe(1);
  });

  it('answers of one that was just reached what reading it would', async () => {
    const { store, of } = layStore();
    const read = await readStoredVerdict(of, sha256);
    const fresh = layStore();
    rememberVerdict(fresh.of.documents, sha256, structuredClone(verdict));
    const remembered = await readStoredVerdict(fresh.of, sha256);
    expect(fresh.store.readings).toBe(0);
    expect(remembered).toStrictEqual(read);
    expect(renderVerdict(remembered)).toEqual(bytes);
    expect(store.readings).toBe(1);
  });

  it('remembers nothing that was erased', async () => {
    const { store, of } = layStore();
    await readStoredVerdict(of, sha256);
    store.erased = true;
    await expect(readStoredVerdict(of, sha256)).rejects.toMatchObject({ code: 'CONTENT_ERASED' });
  });

  it('hands out what nobody can change', async () => {
    const read = await readStoredVerdict(layStore().of, sha256);
    expect(() => Object.assign(read.engine, { arbiter: 'another' })).toThrow(TypeError);
  });

  it('forgets the one that was read longest ago', async () => {
    const { store, of } = layStore();
    await readStoredVerdict(of, sha256);
    for (let index = 0; index < 100; index += 1) rememberVerdict(of.documents, `other ${index}`, verdict);
    await readStoredVerdict(of, sha256);
    expect(store.readings).toBe(2);
  });
});
