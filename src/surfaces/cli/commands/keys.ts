import type { ExportSignersInput, ExportSignersOutput } from '../../../app/keys/export-signers.js';
import type { KeysListInput, KeysListOutput } from '../../../app/keys/list-keys.js';
import type { KeysInitInput, KeysInitOutput } from '../../../app/keys/make-keys.js';
import type { KeysRevokeInput, KeysRevokeOutput } from '../../../app/keys/revoke-key.js';
import type { KeysRotateInput, KeysRotateOutput } from '../../../app/keys/rotate-key.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf } from './command-surface.js';

const common = (flags: Flags, terminal: Terminal) => ({
  repository: repositoryOf(flags, terminal),
  ...definedOnly({ rootKey: pathOfFlag(flags, 'rootKey', terminal), name: textOf(flags, 'name') }),
});

export const keysInitSurface: CommandSurface<KeysInitInput, KeysInitOutput> = {
  shape: (flags, terminal) => ({
    ...common(flags, terminal),
    // commander has checked them against the choices, the operation's schema does again.
    ...definedOnly({ roles: Array.isArray(flags['role']) ? (flags['role'] as KeysInitInput['roles']) : undefined }),
  }),
  show({ keys, written, notes }, terminal) {
    const lines = [
      ...keys.map(({ role, owner, keyId, file, made }) => {
        const mark = made ? paint(terminal, 'green', 'made') : paint(terminal, 'dim', 'kept');
        return `${mark} ${(owner ?? role).padEnd(10)} ${keyId}  ${showForeign(file)}`;
      }),
      ...written.map((path) => `${paint(terminal, 'green', 'wrote')} ${path}`),
      ...notes.map((note) => `${paint(terminal, 'yellow', 'note ')} ${note}`),
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

export const keysListSurface: CommandSurface<KeysListInput, KeysListOutput> = {
  shape: (flags, terminal) => ({ repository: repositoryOf(flags, terminal) }),
  show({ folder, distrust, keys, problems }, terminal) {
    const lines = keys.map((key) => showKey(key, terminal));
    const empty = keys.length === 0 ? [`no keys in ${showForeign(folder)}: run arbiter keys init`] : [];
    const doubt =
      distrust === null ? [] : [`${paint(terminal, 'yellow', 'keyring not believed')}: ${showForeign(distrust)}`];
    const told = problems.map((problem) => `${paint(terminal, 'red', 'problem')} ${showForeign(problem)}`);
    return `${[...lines, ...empty, ...doubt, ...told].join('\n')}\n`;
  },
  exitCode: ({ problems }) => (problems.length === 0 ? exitCodes.pass : exitCodes.fail),
};

function showKey(key: KeysListOutput['keys'][number], terminal: Terminal): string {
  const colour = key.state === 'revoked' ? 'red' : key.state === 'current' ? 'green' : 'dim';
  const period = key.since === null && key.until === null ? '' : `  ${key.since ?? 'always'} … ${key.until ?? 'open'}`;
  const asOf = key.asOfSize === null ? '' : `  as of log size ${key.asOfSize}`;
  const safe =
    key.safe === null
      ? ''
      : key.safe
        ? `  safe (${key.mode ?? ''}, uid ${key.uid ?? ''})`
        : `  ${paint(terminal, 'red', 'NOT SAFE')}`;
  const who = [key.role ?? 'any', ...(key.owner === null ? [] : [key.owner])].join(' of ');
  const where = key.file === null ? 'no file here' : showForeign(key.file);
  return `${paint(terminal, colour, key.state.padEnd(8))} ${showForeign(who).padEnd(10)} ${key.keyId ?? 'unreadable'}  ${where}${period}${asOf}${safe}`;
}

export const keysRotateSurface: CommandSurface<KeysRotateInput, KeysRotateOutput> = {
  shape: (flags, terminal) => ({
    ...common(flags, terminal),
    // The operation's schema refuses what is no role.
    role: textOf(flags, 'role') as KeysRotateInput['role'],
  }),
  show: (output, terminal) =>
    `${[
      `${paint(terminal, 'dim', 'retired')} ${output.retiredKeyId}  ${showForeign(output.retiredFile)}`,
      `${paint(terminal, 'green', 'made   ')} ${output.keyId}  ${showForeign(output.file)}`,
      ...output.written.map((path) => `${paint(terminal, 'green', 'wrote  ')} ${path}`),
      ...output.next,
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const keysRevokeSurface: CommandSurface<KeysRevokeInput, KeysRevokeOutput> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    keyId: textOf(flags, 'keyId') ?? '',
    asOfSize: numberOf(flags, 'asOfSize') ?? -1,
    otherLog: flags['otherLog'] === true,
    ...definedOnly({ rootKey: pathOfFlag(flags, 'rootKey', terminal), reason: textOf(flags, 'reason') }),
  }),
  show: (output, terminal) =>
    `${[
      `${paint(terminal, 'red', 'revoked')} ${output.keyId} as of log size ${output.asOfSize}`,
      ...output.written.map((path) => `${paint(terminal, 'green', 'wrote  ')} ${path}`),
      ...output.next,
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const keysExportSignersSurface: CommandSurface<ExportSignersInput, ExportSignersOutput> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    ...definedOnly({ out: pathOfFlag(flags, 'out', terminal) }),
  }),
  show({ rootKeyId, rootSigner, allowedSigners, signature, written, commands }, terminal) {
    const texts =
      written.length > 0 ? [] : [rootSigner, allowedSigners, signature].map((text) => showForeign(text.trimEnd()));
    const lines = written.map((path) => `${paint(terminal, 'green', 'wrote')} ${showForeign(path)}`);
    return `${[...texts, ...lines, `root ${rootKeyId}`, '', 'To check it:', ...commands.map((line) => `  ${line}`)].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};
