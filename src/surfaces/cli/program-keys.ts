import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

const roles = ['root', 'verdict', 'log', 'publish', 'witness', 'waiver'];

/** Commands about keys: `keys init`, `list`, `rotate`, `revoke`, `export-signers`. */
export function addKeysCommands(program: Command, run: Runner): void {
  const keys = program.command('keys').description('keys: one a role, outside the repository');
  const shared = (command: Command): Command =>
    command.option('-C, --repository <dir>', 'work in this folder', '.').option('--json', 'print the result as JSON');
  const signing = (command: Command): Command =>
    shared(command).option('--root-key <file>', 'the root key, when it is kept elsewhere');
  signing(keys.command('init'))
    .description('make the keys that are missing, let them into .caws/keys/allowed_signers and sign that')
    .addOption(new Option('--role <role...>', 'only these (default: root, verdict, log, publish)').choices(roles))
    .option('--name <who>', 'whose waiver key it is, such as ada@example.org')
    .action((flags: Flags) => run('keys init', flags));
  shared(keys.command('list'))
    .description('show keys by role, since when, until when, and whether each is safe')
    .action((flags: Flags) => run('keys list', flags));
  signing(keys.command('rotate <role>'))
    .description('give a role a new key; the old one ends now and is kept aside')
    .option('--name <who>', 'whose waiver key it is')
    .action((role: string, flags: Flags) => run('keys rotate', { ...flags, role }));
  signing(keys.command('revoke <key-id>'))
    .description('revoke a stolen key: what it signed counts only below that size of the log')
    .requiredOption('--as-of-size <n>', 'size of the log at which the key was still good', toSize)
    .option('--reason <words>', 'why, for people')
    .option('--other-log', 'the size is of another log than that of the store of this machine')
    .action((keyId: string, flags: Flags) => run('keys revoke', { ...flags, keyId }));
  shared(keys.command('export-signers'))
    .description('give what a stranger needs to check signatures with ssh-keygen alone')
    .option('--out <file>', 'write allowed_signers there, with .sig and .root beside it (default: print them)')
    .action((flags: Flags) => run('keys export-signers', flags));
}

function toSize(text: string): number {
  const size = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('it is no whole number, 0 or more.');
}
