import { z } from 'zod';
import { digestBytes, encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { Checkpoint } from '../../core/ledger/checkpoint.js';
import { hexOf } from '../../core/ledger/hex.js';
import { corruptFault, otherOriginFault } from '../../core/ledger/ledger-fault.js';
import type { PlacedEntry } from '../../core/ledger/sequence.js';
import {
  bundlePath,
  encodeBundle,
  encodeTile,
  partialTiles,
  startedTiling,
  takeLeaves,
  tilePath,
  tileWidth,
} from '../../core/ledger/tiles.js';
import { checkNext, endCheck, startedCheck } from '../../core/ledger/verify-log.js';
import type { Files } from '../../ports/files.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { checkConsistency, nodesOrFlaw } from './check-checkpoint.js';
import { signHead } from './log-key.js';
import { maxNoteBytes, readCheckpoint } from './read-published.js';

export type ExportFaultCode = 'EXPORT_DIFFERS';

const inputSchema = z.strictObject({ directory: z.string().min(1) });
export type LedgerExportInput = z.infer<typeof inputSchema>;

/** What `arbiter ledger export` tells. */
export const ledgerExportSchema = z
  .strictObject({
    directory: z.string(),
    origin: z.string(),
    size: z.number().int().nonnegative(),
    root: z.string(),
    written: z.number().int().nonnegative().describe('Files that are new.'),
    kept: z.number().int().nonnegative().describe('Files that were there with the same bytes.'),
    checkpoint: z.string(),
    log_key: z.string(),
  })
  .meta({ id: 'LedgerExport' });
export type LedgerExport = z.infer<typeof ledgerExportSchema>;

/**
 * Writes the log as files that any web server can serve. What was published is never replaced, only added to; the
 * checkpoint comes last, so that an export that was stopped promises nothing that is not there.
 * @throws KEY_MISSING, EXPORT_DIFFERS, LEDGER_ORIGIN_DIFFERS, LEDGER_CORRUPT, CHECKPOINT_INVALID, WRITE_FAILED
 * @see C2SP tlog-tiles
 */
export const ledgerExport: Operation<LedgerExportInput, LedgerExport> = {
  name: 'ledger export',
  summary: 'write the ledger as files that anybody can check and any web server can serve',
  role: 'anyone',
  input: inputSchema,
  output: ledgerExportSchema,
  run: (ports, { directory }, { progress, signal }) =>
    useRuntime(ports, signal, async ({ ledger }) => {
      const head = await ledger.head();
      const signed = await signHead(ports, head);
      await refuseOther(ports.files, ledger, directory, head);
      progress.stage('export', `${head.size} entries`);
      const counts = { written: 0, kept: 0 };
      for await (const [path, bytes] of filesOf(ledger, head)) {
        signal.throwIfAborted();
        counts[await publish(ports.files, `${directory}/${path}`, bytes)] += 1;
      }
      await ports.files.replaceFile(`${directory}/checkpoint`, encodeUtf8(signed.note));
      const { origin, size, root } = head;
      return { directory, origin, size, root: hexOf(root), ...counts, checkpoint: signed.note, log_key: signed.key };
    }),
};

/** What an earlier export promised must be what the log still is. */
async function refuseOther(files: Files, ledger: LedgerLog, directory: string, head: Checkpoint): Promise<void> {
  const file = `${directory}/checkpoint`;
  if (!(await files.exists(file))) return;
  const { checkpoint } = readCheckpoint(await files.readFile(file, { maxBytes: maxNoteBytes }), file);
  if (checkpoint.origin !== head.origin) throw otherOriginFault(checkpoint.origin, head.origin);
  const growth = await checkConsistency(
    checkpoint,
    head,
    nodesOrFlaw((wanted) => ledger.nodes(wanted)),
  );
  if (!growth.passed) throw differs(file, growth.detail);
}

async function* filesOf(ledger: LedgerLog, head: Checkpoint): AsyncGenerator<readonly [string, Uint8Array]> {
  const expected = [{ size: head.size, root: head.root, source: 'the stored tree' }];
  let check = startedCheck;
  let tiling = startedTiling;
  for (let begin = 0; begin < head.size; begin += tileWidth) {
    const entries: PlacedEntry[] = [];
    for await (const entry of ledger.entries(begin, Math.min(begin + tileWidth, head.size))) {
      check = checkNext(check, entry, expected);
      entries.push(entry);
    }
    // Nothing of a log that is wrong is published: the check has seen this bundle, and its last state the root.
    check = begin + tileWidth < head.size ? check : endCheck(check, expected);
    if (check.flaw !== null) throw corruptFault(check.flaw.what);
    yield [bundlePath(begin / tileWidth, entries.length), encodeBundle(entries.map(({ bytes }) => bytes))];
    const { full, tiling: next } = takeLeaves(
      tiling,
      entries.map(({ leaf }) => leaf),
    );
    tiling = next;
    for (const { level, index, hashes } of full)
      yield [tilePath({ level, index, width: tileWidth }), encodeTile(hashes)];
  }
  for (const { level, index, hashes } of partialTiles(tiling)) {
    yield [tilePath({ level, index, width: hashes.length }), encodeTile(hashes)];
  }
}

async function publish(files: Files, path: string, bytes: Uint8Array): Promise<'written' | 'kept'> {
  if (await files.exists(path)) {
    if (digestBytes(await files.readFile(path)) === digestBytes(bytes)) return 'kept';
    throw differs(path, 'other bytes were published there');
  }
  await files.replaceFile(path, bytes);
  return 'written';
}

function differs(path: string, what: string): Fault<ExportFaultCode> {
  return new Fault('EXPORT_DIFFERS', `${path} does not belong to this log as it is now: ${what}`, {
    mend: 'keep it as evidence, see what arbiter ledger verify says, and export into an empty folder',
    place: { file: path },
  });
}
