import { verdictNamespace } from '../../core/caws/verdict/verdict-yaml.js';
import { decodeUtf8 } from '../../core/digest.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { readVerdictForm } from '../verdict/verify-verdict.js';
import { readRecord } from '../verify-range/read-record.js';

/** Trees that a signed PASS of the record judged. */
export interface JudgedTrees {
  find(tree: string): Promise<{ readonly verdictId: string; readonly base: string } | null>;
}

/** Reads the record's verdicts once, when first asked; only those that name the tree are looked at closer. */
export function createJudgedTrees(
  ports: Ports,
  git: GitSession,
  known: { readonly record: string | null; readonly keyring: TrustedKeyring },
): JudgedTrees {
  let reading: Promise<readonly (readonly [yaml: Uint8Array, signature: Uint8Array])[]> | undefined;
  return {
    async find(tree) {
      reading ??= readAll(git, known.record);
      for (const [yaml, armored] of await reading) {
        if (decodeUtf8(yaml)?.includes(tree) !== true) continue;
        const { verdict } = readVerdictForm(yaml, 'verdict.yaml', ports.documents);
        if (verdict?.verdict !== 'PASS' || verdict.change?.tree !== tree || verdict.base === null) continue;
        const check = { message: yaml, signature: decodeUtf8(armored) ?? '', namespace: verdictNamespace };
        const state = ports.keyring.verify({
          ...check,
          allowedSigners: known.keyring.signers,
          nowMs: ports.clock.nowMs(),
        });
        if (state.state === 'valid') return { verdictId: verdict.verdict_id, base: verdict.base.commit };
      }
      return null;
    },
  };
}

async function readAll(git: GitSession, record: string | null): Promise<(readonly [Uint8Array, Uint8Array])[]> {
  const { verdicts } = await readRecord(git, record);
  const pairs = [...verdicts.values()].flatMap(({ yaml, signature }) =>
    signature === null ? [] : [[yaml, signature]],
  );
  const blobs = await git.readBlobs(pairs.flat());
  return pairs.map((_, index) => [blobs[index * 2] ?? new Uint8Array(), blobs[index * 2 + 1] ?? new Uint8Array()]);
}
