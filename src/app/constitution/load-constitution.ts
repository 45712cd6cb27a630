import { type ArbiterConfig, arbiterConfigSchema } from '../../core/caws/arbiter-config.js';
import { checkArbiterConfig } from '../../core/caws/dialects/check-arbiter-config.js';
import { checkPolicy, checkSpec } from '../../core/caws/dialects/check-value.js';
import type { Checked } from '../../core/caws/dialects/problem.js';
import { type Finding, type Rule, findingOf } from '../../core/caws/finding.js';
import { type Policy, defaultPolicy } from '../../core/caws/policy.js';
import type { SubmittedWaiver } from '../../core/caws/waiver.js';
import type { WorkingSpec } from '../../core/caws/working-spec.js';
import { digestBytes } from '../../core/digest.js';
import type { Documents } from '../../ports/documents.js';
import { type ConstitutionSource, configPath, policyPath } from './constitution-files.js';
import { type FoundSpec, type SpecChoice, findSpec } from './find-spec.js';
import { type CheckWaiverSignatures, loadWaivers } from './load-waivers.js';
import { type ReadDocument, readDocument } from './read-document.js';

const clause = 'constitution §2 and §3 (an invalid spec or policy fails)';

const invalidSpec: Rule = {
  id: 'spec.invalid',
  clause,
  severity: 'block',
  why: 'a change cannot be held to a spec that is not valid',
  mend: 'mend the spec in a commit of its own, and base the change on it',
};
const invalidPolicy: Rule = {
  id: 'policy.invalid',
  clause,
  severity: 'block',
  why: 'an invalid policy is no policy, and none is put in its place silently',
  mend: 'mend the policy in a commit of its own, and base the change on it',
};
const invalidConfig: Rule = {
  id: 'arbiter-config.invalid',
  clause: 'constitution §1 (gates and protected paths come from .caws/arbiter.yaml of the base)',
  severity: 'block',
  why: 'gates that cannot be read cannot be run',
  mend: 'mend .caws/arbiter.yaml in a commit of its own, and base the change on it',
};

/** The constitution as one commit has it. */
export interface LoadedConstitution {
  /** Null where no spec was asked for and there is not exactly one, or where it is not valid. */
  readonly spec: WorkingSpec | null;
  readonly specPath: string | null;
  readonly specSha256: string | null;
  /** The default one where the commit has none. Where it is invalid too, and then a finding blocks. */
  readonly policy: Policy;
  readonly policySha256: string | null;
  readonly config: ArbiterConfig;
  readonly configSha256: string | null;
  readonly waivers: readonly SubmittedWaiver[];
  /** `spec.invalid`, `policy.invalid`, `arbiter-config.invalid`: each blocks. */
  readonly findings: readonly Finding[];
}

/**
 * Loads spec, policy, configuration and waivers from the files of one commit, the base. A file that is not valid is a
 * finding that blocks; a spec that is asked for and not there is a fault.
 * @throws SPEC_NOT_FOUND, and whatever the source throws
 * @see constitution §1
 */
export async function loadConstitution(
  source: ConstitutionSource,
  documents: Documents,
  checkSignatures: CheckWaiverSignatures,
  choice: SpecChoice,
): Promise<LoadedConstitution> {
  const found = await findSpec(source, documents, choice);
  const spec = readFile(documents, found, invalidSpec, checkSpec);
  const policy = readFile(documents, await openFile(source, policyPath), invalidPolicy, checkObeyedPolicy);
  const config = readFile(documents, await openFile(source, configPath), invalidConfig, checkArbiterConfig);
  return {
    spec: spec.value,
    specPath: found?.path ?? null,
    specSha256: spec.sha256,
    policy: policy.value ?? defaultPolicy,
    policySha256: policy.sha256,
    config: config.value ?? arbiterConfigSchema.parse({ version: 1 }),
    configSha256: config.sha256,
    waivers: await loadWaivers(source, documents, checkSignatures),
    findings: [...spec.findings, ...findOtherId(found, spec.value), ...policy.findings, ...config.findings],
  };
}

interface ConstitutionFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function openFile(source: ConstitutionSource, path: string): Promise<ConstitutionFile | null> {
  const bytes = await source.readFile(path);
  return bytes === null ? null : { path, bytes };
}

function readFile<Value>(
  documents: Documents,
  file: ConstitutionFile | null,
  rule: Rule,
  check: (value: unknown) => Checked<Value>,
): ReadDocument<Value> & { readonly sha256: string | null } {
  if (file === null) return { value: null, findings: [], sha256: null };
  return { ...readDocument(documents, file.path, file.bytes, rule, check), sha256: digestBytes(file.bytes) };
}

// A tier policy of dialect A is understood but not obeyed: in the place of the policy it is an error.
function checkObeyedPolicy(value: unknown): Checked<Policy> {
  const checked = checkPolicy(value);
  return checked.value === null && checked.errors.length === 0 ? { ...checked, errors: checked.warnings } : checked;
}

function findOtherId(found: FoundSpec | null, spec: WorkingSpec | null): Finding[] {
  if (found === null || spec === null || found.id === null || found.id === spec.id) return [];
  const mend = `ask for ${spec.id}, or give the file the id it holds`;
  return [findingOf(invalidSpec, `asked for spec ${found.id}, the file holds ${spec.id}`, { path: found.path, mend })];
}
