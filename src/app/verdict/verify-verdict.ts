import { escapeHidden } from '../../core/caws/verdict/double-quoted.js';
import { explainVerdict } from '../../core/caws/verdict/explain-verdict.js';
import { type Verdict, verdictSchema } from '../../core/caws/verdict/verdict.js';
import { renderVerdict, verdictNamespace } from '../../core/caws/verdict/verdict-yaml.js';
import type { VerdictCheck, VerdictVerification } from '../../core/caws/verdict/verification.js';
import { decodeUtf8, digestBytes } from '../../core/digest.js';
import { isFault } from '../../core/fault.js';
import type { NoteKey } from '../../core/ledger/note.js';
import type { Documents } from '../../ports/documents.js';
import type { Files } from '../../ports/files.js';
import type { Keyring } from '../../ports/keyring.js';
import type { TrustedKeyring } from './load-keyring.js';
import type { ReadBundle } from '../../core/records/read-bundle.js';
import { verifyBundle } from './verify-bundle.js';

/** What `arbiter verdict verify FILE` is asked. */
export interface VerdictToVerify {
  readonly file: string;
  /** Who may sign: `loadKeyring` of the repository, or `readSigners` of a file that a person named. */
  readonly keyring: TrustedKeyring;
  /** Where those signers come from, in words. */
  readonly keyringSource: string;
  /** Id of the repository at hand; null outside of any. */
  readonly repositoryId: string | null;
  /** The verifier key of the log that the bundle beside the verdict has to be of; left out or null when none was given. */
  readonly logKey?: NoteKey | null;
  readonly nowMs: number;
  /** Where in the log this verdict is proven to stand; left out or null where nobody knows. Decides for revoked keys. */
  readonly ledgerIndex?: number | null;
}

const maxBytes = 1024 * 1024;
const maxDiffBytes = 512 * 1024 * 1024;

/**
 * Checks a verdict file by its form, its signers, its signature, its repository, the diff and the bundle beside it, says
 * each in words, and explains the verdict. Every check is made, whatever the others say; it is verified when none failed.
 * A file that is no verdict is a failed check; one that cannot be read is a fault.
 * @throws FILE_MISSING, FILE_UNREADABLE, FILE_TOO_LARGE
 */
export async function verifyVerdict(
  asked: VerdictToVerify,
  ports: { readonly files: Files; readonly documents: Documents; readonly keyring: Keyring },
): Promise<VerdictVerification> {
  const bytes = await ports.files.readFile(asked.file, { maxBytes });
  const form = readVerdictForm(bytes, asked.file, ports.documents);
  const { keyring, logKey = null, file, nowMs } = asked;
  const record = { file, yaml: bytes, verdict: form.verdict, keyring, logKey, nowMs };
  const bundle = await verifyBundle(record, ports);
  const ledgerIndex = asked.ledgerIndex ?? bundle.proven?.index ?? (isOfThisCopy(bundle) ? bundle.index : null);
  const atMs = bundle.proven?.wallMs ?? nowMs;
  const signature = await checkSignature({ ...asked, nowMs: atMs, ledgerIndex }, bytes, ports);
  const checks: VerdictCheck[] = [
    form.check,
    checkKeyring(asked),
    signature.check,
    ...(form.verdict === null ? [] : checkRepository(form.verdict, asked.repositoryId)),
    ...(form.verdict === null ? [] : await checkDiff(form.verdict, asked.file, ports.files)),
    ...bundle.checks,
  ];
  const verified = checks.every((check) => check.passed !== false);
  return {
    file: asked.file,
    verified,
    signer: signature.signer,
    checks,
    verdict: form.verdict,
    explanation: explain(checks, verified, form.verdict),
  };
}

/** Whether what stands in the log is about this very file: an older entry must not vouch for a newer signature. */
function isOfThisCopy({ checks }: ReadBundle): boolean {
  return (['subjects', 'predicate'] as const).every((name) =>
    checks.some(({ check, passed }) => check === name && passed === true),
  );
}

/** Reads `verdict.yaml` strictly; no verdict, and words that say why, unless it is in the one spelling that Arbiter writes. */
export function readVerdictForm(
  bytes: Uint8Array,
  file: string,
  documents: Documents,
): { verdict: Verdict | null; check: VerdictCheck } {
  const fail = (detail: string) => ({ verdict: null, check: { check: 'form' as const, passed: false, detail } });
  let value: unknown;
  try {
    ({ value } = documents.read(bytes, file));
  } catch (error) {
    if (!isFault(error, 'YAML_INVALID') && !isFault(error, 'YAML_REFUSED')) throw error;
    return fail(`it is not strict YAML: ${error.message}`);
  }
  const parsed = verdictSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(`it is not a verdict: ${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}`);
  }
  // Another reader might see other values in another spelling, so only the one spelling is taken.
  if (digestBytes(renderVerdict(parsed.data)) !== digestBytes(bytes)) {
    return fail('it is not written as Arbiter writes it: the bytes differ from those that its values give');
  }
  const detail = 'strict YAML, of the schema, agreeing with itself, in the one spelling that Arbiter writes';
  return { verdict: parsed.data, check: { check: 'form', passed: true, detail } };
}

function checkKeyring({ keyring, keyringSource }: VerdictToVerify): VerdictCheck {
  const ignored = keyring.signers.ignored
    .slice(0, 5)
    .map(({ line, reason }) => `; line ${line} is ignored: it ${reason}`)
    .join('');
  return {
    check: 'keyring',
    passed: keyring.distrust === null,
    detail: keyring.distrust ?? `${keyring.signers.entries.length} key(s) from ${keyringSource}${ignored}`,
  };
}

async function checkSignature(
  { file, keyring, nowMs, ledgerIndex }: VerdictToVerify & { readonly ledgerIndex: number | null },
  message: Uint8Array,
  ports: { readonly files: Files; readonly keyring: Keyring },
): Promise<{ check: VerdictCheck; signer: VerdictVerification['signer'] }> {
  const path = `${file}.sig`;
  const fail = (detail: string) => ({ check: { check: 'signature' as const, passed: false, detail }, signer: null });
  if (!(await ports.files.exists(path))) return fail(`it is unsigned: there is no ${path}`);
  const signature = decodeUtf8(await ports.files.readFile(path, { maxBytes })) ?? '';
  const namespace = verdictNamespace;
  const allowedSigners = keyring.signers;
  const state = ports.keyring.verify({ message, signature, namespace, allowedSigners, nowMs, ledgerIndex });
  if (state.state !== 'valid') return fail(`${state.state}: ${state.detail}`);
  const { signer: name, keyId } = state;
  const detail = `signed by ${name} with key ${keyId} in namespace ${namespace}, over these very bytes`;
  return { check: { check: 'signature', passed: true, detail }, signer: { name, keyId } };
}

function checkRepository(verdict: Verdict, repositoryId: string | null): VerdictCheck[] {
  if (repositoryId === null) return [];
  const passed = verdict.repo_id === repositoryId;
  const detail = passed ? 'it is about this repository' : `it is about another repository (${verdict.repo_id})`;
  return [{ check: 'repository', passed, detail }];
}

async function checkDiff(verdict: Verdict, file: string, files: Files): Promise<VerdictCheck[]> {
  const expected = verdict.change?.diff_sha256 ?? null;
  const path = file.replace(/[^/]*$/, 'change.diff');
  if (expected === null || !(await files.exists(path))) return [];
  const passed = digestBytes(await files.readFile(path, { maxBytes: maxDiffBytes })) === expected;
  const detail = passed ? `${path} is the change that was judged` : `${path} is not the change that was judged`;
  return [{ check: 'diff', passed, detail }];
}

function explain(checks: readonly VerdictCheck[], verified: boolean, verdict: Verdict | null): string[] {
  return [
    verified ? 'VERIFIED' : 'NOT VERIFIED: what stands below proves nothing',
    ...checks.map(({ check, passed, detail }) => `  ${wordOf(passed)} ${check}: ${detail}`),
    ...(verdict === null ? [] : explainVerdict(verdict)),
  ].map(escapeHidden);
}

function wordOf(passed: boolean | null): string {
  if (passed === null) return '?   ';
  return passed ? 'ok  ' : 'FAIL';
}
