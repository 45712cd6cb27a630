import type { Command } from 'commander';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

/** Commands that read and check the ledger. None appends, but for an erasure. */
export function addLedgerCommands(program: Command, run: Runner): void {
  const ledger = program
    .command('ledger')
    .description('the log of what was decided: it only grows, and anybody can check it');
  const json = (command: Command): Command => command.option('--json', 'print the result as JSON');
  json(ledger.command('show [entry]'))
    .description('show the signed state and the last entries, or one entry by its index or key')
    .action((entry: string | undefined, flags: Flags) => run('ledger show', { ...flags, entry }));
  json(ledger.command('verify'))
    .description('check every entry and the tree over them')
    .option('--checkpoint <file>', 'a checkpoint that was kept since earlier: the log must extend it')
    .option('--remote <dir|url>', 'check an exported log in place of the store: a folder, or http on this machine')
    .option('--log-key <key|file>', 'the log’s key, as arbiter ledger show prints it (default: this machine’s)')
    .option('--allowed-signers <file>', 'a keyring that says which keys sign for the log, and when')
    .option('--witness-key <key|file>', 'the checkpoint must bear this witness’s cosignature')
    .option('--max-age <hours>', 'how old that cosignature may be (default: 24)', Number)
    .option(
      '-C, --repository <dir>',
      'hold the store against refs/caws/ledger of this repository (default: the one here)',
    )
    .action((flags: Flags) => run('ledger verify', flags));
  json(ledger.command('prove <index>'))
    .description('prove that an entry stands in the ledger')
    .action((index: string, flags: Flags) => run('ledger prove', { ...flags, index }));
  json(ledger.command('export <dir>'))
    .description('write the ledger as files that any web server can serve (C2SP tlog-tiles)')
    .action((directory: string, flags: Flags) => run('ledger export', { ...flags, directory }));
  json(ledger.command('witness'))
    .description('cosign the checkpoint of an exported log, if the log has only grown since the last time')
    .requiredOption('--remote <dir|url>', 'the exported log: a folder, or http on this machine')
    .requiredOption('--key <file>', 'the witness’s private key (ssh-keygen -t ed25519 -N "" -f FILE makes one)')
    .requiredOption('--state <file>', 'where the witness keeps the last checkpoint that it cosigned')
    .option('--name <name>', 'name of the witness in its signatures', 'arbiter-witness')
    .option('--log-key <key|file>', 'the log’s key, as arbiter ledger show prints it (default: this machine’s)')
    .action((flags: Flags) => run('ledger witness', flags));
  json(ledger.command('audit'))
    .description('hold the log against contents, verdicts, publications and waivers')
    .option('-C, --repository <dir>', 'whose verdicts, publications and approvers are checked', '.')
    .action((flags: Flags) => run('ledger audit', flags));
  json(ledger.command('erase [hash]'))
    .description('erase a prompt, a transcript or a diff on request; without a signature it tells what would go')
    .option('-C, --repository <dir>', 'whose approvers may say so', '.')
    .option('--task <id>', 'what is stored of this task, in place of a content’s hash')
    .option('--verdict <id>', 'what stands behind this verdict')
    .option('--part <name...>', 'of a task or a verdict: prompt, transcript, diff (default: all three)')
    .requiredOption('--reason <words>', 'why; it stays in the log for good, so name no person and no secret')
    .option('--signature <file>', 'what ssh-keygen -Y sign -n caws-waiver wrote over the line that is told')
    .option('--key <file>', 'sign with this key now')
    .action((content: string | undefined, flags: Flags) => run('ledger erase', { ...flags, content }));
}
