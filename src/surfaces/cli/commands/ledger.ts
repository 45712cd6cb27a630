import { resolve } from 'node:path';
import type { LedgerAudit, LedgerAuditInput } from '../../../app/ledger/audit/audit.js';
import type { LedgerErasure, LedgerEraseInput } from '../../../app/ledger/erase.js';
import type { LedgerExport, LedgerExportInput } from '../../../app/ledger/export.js';
import type { LedgerProof, LedgerProveInput } from '../../../app/ledger/prove.js';
import type { LedgerShowInput, LedgerState } from '../../../app/ledger/show.js';
import type { LedgerVerification } from '../../../app/ledger/verification.js';
import type { LedgerVerifyInput } from '../../../app/ledger/verify.js';
import type { LedgerCosignature, LedgerWitnessInput } from '../../../app/ledger/witness.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { pathOfFlag } from './candidate-flags.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf, textsOf } from './command-surface.js';

const noKey = 'no log key on this machine: arbiter init, in a repository, makes it; nothing here is signed';

export const ledgerShowSurface: CommandSurface<LedgerShowInput, LedgerState> = {
  shape: (flags) => definedOnly({ entry: textOf(flags, 'entry') }),
  show(state, terminal) {
    const { entry } = state;
    const lines =
      entry === null
        ? state.latest.map((one) => `  ${briefly(one)}`)
        : [briefly(entry), showForeign(JSON.stringify(entry.says, null, 2))];
    return `${[
      `${state.origin}: ${state.size} ${state.size === 1 ? 'entry' : 'entries'}, root ${state.root}`,
      state.log_key === null ? paint(terminal, 'yellow', noKey) : `log key ${state.log_key}`,
      ...(state.checkpoint === null ? [] : ['', state.checkpoint.trimEnd(), '']),
      ...lines,
    ].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

function briefly({ index, kind, key, at_ms: atMs }: LedgerState['latest'][number]): string {
  return `${index}  ${new Date(atMs).toISOString()}  ${kind}  ${showForeign(key)}`;
}

export const ledgerVerifySurface: CommandSurface<LedgerVerifyInput, LedgerVerification> = {
  shape: (flags, terminal) =>
    definedOnly({
      checkpoint: pathOfFlag(flags, 'checkpoint', terminal),
      remote: placeOf(flags, terminal),
      logKey: keyOf(flags, 'logKey', terminal),
      allowedSigners: pathOfFlag(flags, 'allowedSigners', terminal),
      witnessKey: keyOf(flags, 'witnessKey', terminal),
      // The operation's schema refuses what is no number.
      maxAgeHours: numberOf(flags, 'maxAge'),
      repository: pathOfFlag(flags, 'repository', terminal),
      near: terminal.directory,
    }),
  show(found, terminal) {
    const head = found.verified
      ? paint(terminal, 'green', `VERIFIED ${found.origin}, ${found.size} ${found.size === 1 ? 'entry' : 'entries'}`)
      : paint(terminal, 'red', `NOT VERIFIED: ${found.origin}`);
    const lines = found.checks.map(
      ({ check, passed, detail }) => `  ${passed ? 'ok  ' : 'FAIL'} ${check}: ${showForeign(detail)}`,
    );
    const erased = found.erased === 0 ? [] : [`  ${countOf(found.erased, 'content')} erased by request`];
    return `${[head, ...lines, ...erased].join('\n')}\n`;
  },
  exitCode: ({ verified }) => (verified ? exitCodes.pass : exitCodes.fail),
};

export const ledgerProveSurface: CommandSurface<LedgerProveInput, LedgerProof> = {
  // The operation's schema refuses what is no index.
  shape: (flags) => ({ index: /^\d+$/.test(textOf(flags, 'index') ?? '') ? Number(textOf(flags, 'index')) : NaN }),
  show: (proof, terminal) =>
    `${[
      `entry ${proof.index} stands in ${proof.origin} of ${proof.size}`,
      `leaf ${proof.leaf}`,
      ...proof.path.map((hash) => `path ${hash}`),
      `root ${proof.root}`,
      ...(proof.checkpoint === null
        ? [paint(terminal, 'yellow', noKey)]
        : [`log key ${proof.log_key}`, '', proof.checkpoint.trimEnd()]),
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const ledgerExportSurface: CommandSurface<LedgerExportInput, LedgerExport> = {
  shape: (flags, terminal) => ({ directory: resolve(terminal.directory, textOf(flags, 'directory') ?? '') }),
  show: ({ directory, origin, size, written, kept, log_key: key }) =>
    `${directory}: ${origin} of ${size}, ${countOf(written, 'new file')}, ${kept} as they were\nlog key ${key}\n`,
  exitCode: () => exitCodes.pass,
};

export const ledgerWitnessSurface: CommandSurface<LedgerWitnessInput, LedgerCosignature> = {
  shape: (flags, terminal) => ({
    remote: placeOf(flags, terminal) ?? '',
    key: pathOfFlag(flags, 'key', terminal) ?? '',
    state: pathOfFlag(flags, 'state', terminal) ?? '',
    name: textOf(flags, 'name') ?? '',
    ...definedOnly({ logKey: keyOf(flags, 'logKey', terminal) }),
  }),
  show: ({ note, reason, origin, witness_key: key }, terminal) =>
    note === null
      ? `${paint(terminal, 'red', `NOT COSIGNED ${showForeign(origin)}`)}: ${showForeign(reason ?? '')}\n`
      : `${paint(terminal, 'green', 'cosigned')} by ${key}\n\n${note}`,
  exitCode: ({ cosigned }) => (cosigned ? exitCodes.pass : exitCodes.fail),
};

export const ledgerAuditSurface: CommandSurface<LedgerAuditInput, LedgerAudit> = {
  shape: (flags, terminal) => ({ repository: pathOfFlag(flags, 'repository', terminal) ?? terminal.directory }),
  show({ origin, size, repository, passed, checks }, terminal) {
    const where = `${showForeign(origin)}, ${countOf(size, 'log entry').replace(/ys$/, 'ies')}`;
    const lines = checks.flatMap(({ check, passed: good, detail, problems, notes }) => [
      `  ${good === null ? '?   ' : good ? 'ok  ' : 'FAIL'} ${check}: ${showForeign(detail)}`,
      ...problems.map((problem) => paint(terminal, 'red', `       ${showForeign(problem)}`)),
      ...notes.map((note) => `       note: ${showForeign(note)}`),
    ]);
    return `${[
      paint(terminal, passed ? 'green' : 'red', `${passed ? 'AUDIT PASSED' : 'AUDIT FAILED'} ${where}`),
      repository === null ? '  no repository at hand: name one with -C' : `  repository ${showForeign(repository)}`,
      ...lines,
    ].join('\n')}\n`;
  },
  exitCode: ({ passed }) => (passed ? exitCodes.pass : exitCodes.fail),
};

export const ledgerEraseSurface: CommandSurface<LedgerEraseInput, LedgerErasure> = {
  shape: (flags, terminal) => ({
    repository: pathOfFlag(flags, 'repository', terminal) ?? terminal.directory,
    reason: textOf(flags, 'reason') ?? '',
    ...definedOnly({
      content: textOf(flags, 'content'),
      task: textOf(flags, 'task'),
      verdict: textOf(flags, 'verdict'),
      // The operation's schema refuses other names.
      parts: flags['part'] === undefined ? undefined : (textsOf(flags, 'part') as LedgerEraseInput['parts']),
      signature: pathOfFlag(flags, 'signature', terminal),
      key: pathOfFlag(flags, 'key', terminal),
    }),
  }),
  show(told, terminal) {
    const lines = told.contents.map(({ what, sha256 }) => `  ${what.padEnd(10)} sha256 ${sha256}`);
    const log = told.task_log === null ? [] : [`  log of task ${told.task_log}`];
    const before = told.erased_before === 0 ? [] : [`  ${told.erased_before} more were erased before`];
    const head = told.erased
      ? paint(
          terminal,
          'green',
          `ERASED, as ${showForeign(told.by ?? '')} said: ledger entries ${told.entries.join(', ')}`,
        )
      : paint(terminal, 'yellow', 'Nothing is erased yet. This would go, for good:');
    const next = told.erased
      ? []
      : [
          '',
          'An approver signs this line (ssh-keygen -Y sign -n caws-waiver) and hands the signature in with --signature:',
          `  ${showForeign(told.statement.trimEnd())}`,
        ];
    return `${[head, ...lines, ...log, ...before, ...next].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

/** A folder seen from where the command was started, or an address. */
function placeOf(flags: Flags, terminal: Terminal): string | undefined {
  const value = textOf(flags, 'remote');
  return value?.includes('://') === true ? value : pathOfFlag(flags, 'remote', terminal);
}

/** The key itself, or a file that holds it. */
function keyOf(flags: Flags, name: string, terminal: Terminal): string | undefined {
  const value = textOf(flags, name);
  return value !== undefined && /\+[0-9a-f]{8}\+/.test(value) ? value : pathOfFlag(flags, name, terminal);
}
