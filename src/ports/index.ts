export type { Clock } from './clock.js';
export type { DocumentFaultCode, Documents, ParsedDocument } from './documents.js';
export type { Files, FilesFaultCode } from './files.js';
export type { GateRun, GateRunner } from './gate-runner.js';
export type { CommitFacts, FileContent, Git, GitFaultCode, GitSession, KeptCandidate, TreeEntry } from './git.js';
export type { KeyInspection, Keyring, KeyringFaultCode, PinnedRoot, SignatureCheck } from './keyring.js';
export type { Progress } from './progress.js';
export type {
  LiveRun,
  Mount,
  Sandbox,
  SandboxedCommand,
  SandboxedRun,
  SandboxEnd,
  SandboxFaultCode,
  SandboxGuarantees,
  SandboxLimits,
  SandboxProbe,
} from './sandbox.js';
export type { Signer, SignerFaultCode } from './signer.js';
export type { Syntax } from './syntax.js';
