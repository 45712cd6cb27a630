import { join } from 'node:path';
import { nodeFiles } from '../../src/adapters/files/node-files.js';
import { temporaryDirectory } from '../../src/adapters/signing/fixtures/ssh.js';
import { createKeyring } from '../../src/adapters/signing/keyring.js';
import { recordBundle } from '../../src/app/verdict/record-bundle.js';
import { recordVerdict } from '../../src/app/verdict/record-verdict.js';
import { parseAllowedSigners } from '../../src/core/caws/keys/allowed-signers.js';
import { assembleVerdict } from '../../src/core/caws/verdict/assemble-verdict.js';
import { facts, nowMs } from '../../src/core/caws/verdict/fixtures/matter.js';
import type { VerdictFacts } from '../../src/core/caws/verdict/assemble-verdict.js';
import type { Verdict } from '../../src/core/caws/verdict/verdict.js';
import { renderVerdict } from '../../src/core/caws/verdict/verdict-yaml.js';
import { type NoteKey, noteKinds } from '../../src/core/ledger/note.js';
import type { BundleTrust } from '../../src/core/records/read-bundle.js';
import type { LedgerLog } from '../../src/ports/ledger-log.js';
import type { Signer } from '../../src/ports/signer.js';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';

export const origin = 'arbiter.test/log';

/** Keys, a log with entries of others in it, and verdicts recorded into folders of their own. */
export async function createScene() {
  const directory = temporaryDirectory();
  const keyring = createKeyring({ trustDirectory: join(directory.path, 'trust') });
  const key = (name: string): Promise<Signer> => keyring.createKey(join(directory.path, 'keys', name), name, null);
  const [signer, logSigner, stranger] = [await key('verdict'), await key('log'), await key('stranger')];
  const ledger = createMemoryLedger(origin);
  await ledger.append(
    Array.from({ length: 5 }, (_, number) => ({
      key: `other/${number}`,
      draft: { apiVersion: '1.0.0', kind: 'note', spec: { number } },
    })),
  );
  let count = 0;
  const verdictOf = (parts: Partial<VerdictFacts> = {}): Verdict =>
    assembleVerdict(facts({ idBytes: new Uint8Array(10).fill((count += 1)), ...parts }));
  const allowed = `arbiter namespaces="caws-verdict" ${signer.publicKey}\n`;

  return {
    directory,
    keyring,
    signer,
    logSigner,
    stranger,
    ledger,
    allowed,
    verdictOf,
    async record(verdict = verdictOf(), log: LedgerLog = ledger) {
      const outDir = join(directory.path, `out-${verdict.verdict_id}`);
      const { verdictPath } = await recordVerdict({ verdict, signer, outDir }, nodeFiles);
      const record = { verdict, signer, logSigner, outDir };
      const recorded = await recordBundle(record, { files: nodeFiles, ledger: log });
      return { verdict, outDir, verdictPath, ...recorded };
    },
    /** What a bundle of `verdict` is held against; the log's key is that of `by`. */
    trustIn(verdict: Verdict, by: Signer | null = logSigner): BundleTrust {
      return {
        verdict,
        yaml: renderVerdict(verdict),
        signers: parseAllowedSigners(allowed),
        logKey: by === null ? null : noteKeyOf(by),
        nowMs,
        checkEd25519: keyring.checkEd25519,
      };
    },
  };
}
export type Scene = Awaited<ReturnType<typeof createScene>>;

export function noteKeyOf(by: Signer): NoteKey {
  return { name: origin, kind: noteKinds.ed25519, publicKey: by.publicKeyRaw };
}
