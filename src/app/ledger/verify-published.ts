import type { Checkpoint } from '../../core/ledger/checkpoint.js';
import {
  type ExpectedState,
  type LogCheck,
  checkNext,
  endCheck,
  startedCheck,
  stopCheck,
} from '../../core/ledger/verify-log.js';
import {
  type Tile,
  type Tiling,
  encodeTile,
  partialTiles,
  startedTiling,
  takeLeaves,
  tileWidth,
} from '../../core/ledger/tiles.js';
import { digestBytes } from '../../core/digest.js';
import { isErasure } from '../../core/records/content-entries.js';
import type { Ports } from '../../ports/ports.js';
import type { TreeHash } from '../../ports/tree-hash.js';
import type { PublishedLog } from '../../ports/published-log.js';
import { checkConsistency, checkSignatures } from './check-checkpoint.js';
import { readBundle, readHead, readTile, readTreeNodes } from './read-published.js';
import type { LedgerCheck, LedgerVerification } from './verification.js';
import { type Asked, checkOrigin, describeLog, summarize } from './verify-store.js';

type VerifyPorts = Pick<Ports, 'files' | 'noteKeys' | 'places' | 'openPublishedLog' | 'treeHash'>;

/**
 * Checks an exported log: its checkpoint's signature, each entry and each tile of the tree that the checkpoint is of, and
 * a checkpoint that was kept. @throws CHECKPOINT_INVALID, PUBLISHED_LOG_REFUSED, PUBLISHED_LOG_UNREADABLE, LOG_KEY_INVALID
 */
export async function verifyPublished(ports: VerifyPorts, source: string, asked: Asked): Promise<LedgerVerification> {
  const published = ports.openPublishedLog(source);
  const { pinned, trust } = asked;
  const offered = await readHead(published, source);
  const head = offered.checkpoint;
  // A witness keeps its cosignature elsewhere: where a checkpoint was kept, it is that one's.
  const offeredTrust = pinned === null ? trust : { ...trust, witness: null };
  const checks: LedgerCheck[] = [...(await checkSignatures(ports, offered, `${source}/checkpoint`, offeredTrust))];
  const mine = pinned !== null && pinned.checkpoint.origin === head.origin ? pinned : null;
  const expected: ExpectedState[] = [
    { size: head.size, root: head.root, source: 'its checkpoint' },
    ...(mine === null ? [] : [{ size: mine.checkpoint.size, root: mine.checkpoint.root, source: mine.file }]),
  ];
  const by = { hash: ports.treeHash, signal: asked.signal };
  const { log, tiles, erased } = await checkBundles(published, head, expected, by);
  checks.push(describeLog(log), tiles);
  if (pinned !== null) {
    checks.push(checkOrigin(pinned, head.origin), ...(await checkSignatures(ports, pinned, pinned.file, trust)));
  }
  if (mine !== null) {
    const fetch = (wanted: Parameters<typeof readTreeNodes>[2]) => readTreeNodes(published, head.size, wanted);
    checks.push(await checkConsistency(mine.checkpoint, head, fetch));
  }
  return summarize({ source, origin: head.origin, log, checks, erased });
}

/** Bundle by bundle, so that memory does not grow with the log. Tiles after the first flaw are not looked at. */
async function checkBundles(
  published: PublishedLog,
  head: Checkpoint,
  expected: readonly ExpectedState[],
  { hash, signal }: { readonly hash: TreeHash; readonly signal: AbortSignal },
): Promise<{ log: LogCheck; tiles: LedgerCheck; erased: number }> {
  let log = startedCheck;
  let tiling = startedTiling;
  let count = 0;
  let erased = 0;
  let wrong: string | null = null;
  for (let index = 0; index * tileWidth < head.size && log.flaw === null && wrong === null; index += 1) {
    signal.throwIfAborted();
    const width = Math.min(tileWidth, head.size - index * tileWidth);
    const entries = await readBundle(published, index, width);
    if ('missing' in entries) {
      log = stopCheck(log, entries.missing);
      break;
    }
    for (const [at, bytes] of entries.entries()) {
      if (isErasure(bytes)) erased += 1;
      log = checkNext(log, { index: index * tileWidth + at, bytes, leaf: null }, expected, hash);
    }
    const taken: { tiling: Tiling; full: readonly Tile[] } = takeLeaves(tiling, entries.map(hash.leaf), hash);
    tiling = taken.tiling;
    const made = index * tileWidth + width === head.size ? [...taken.full, ...partialTiles(tiling)] : taken.full;
    count += made.length;
    wrong = await findWrongTile(published, made);
  }
  const good = `${count} tiles are those that the entries make`;
  return {
    log: endCheck(log, log.flaw === null && wrong === null ? expected : []),
    tiles: { check: 'tiles', passed: wrong === null, detail: wrong ?? good },
    erased,
  };
}

async function findWrongTile(published: PublishedLog, made: readonly Tile[]): Promise<string | null> {
  for (const { level, index, hashes } of made) {
    const found = await readTile(published, { level, index, width: hashes.length });
    if ('missing' in found) return found.missing;
    if (digestBytes(encodeTile(found)) === digestBytes(encodeTile(hashes))) continue;
    return `tile ${index} of level ${level} is not the one that the entries make`;
  }
  return null;
}
