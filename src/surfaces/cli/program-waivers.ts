import { type Command, Option } from 'commander';
import { reasonCodes } from '../../core/caws/dialects/reason-codes.js';
import type { Runner } from './run-operation.js';
import { toNumber } from './to-number.js';

type Flags = Record<string, unknown>;

/** Commands about exceptions that a human signs: `waiver …`. */
export function addWaiverCommands(program: Command, run: Runner): void {
  const waiver = program.command('waiver').description('exceptions that a human signs, for a time and a use');
  addRequest(waiver, run);
  shared(waiver.command('list'))
    .description('list the waivers of a repository in the store, and where each stands')
    .option('--spec <id>', 'only those of this spec')
    .action((flags: Flags) => run('waiver list', flags));
  const one = (name: string, what: string): Command => shared(waiver.command(`${name} <id>`)).description(what);
  const withId = (name: string) => (id: string, flags: Flags) => run(name, { ...flags, id });
  one('show', 'show a waiver, its whole life, and the bytes that approvers sign').action(withId('waiver show'));
  signed(one('approve', 'add an approver’s signature, and wake the tasks that wait for it')).action(
    withId('waiver approve'),
  );
  signed(one('deny', 'say no to a waiver that was asked for')).action(withId('waiver deny'));
  signed(one('revoke', 'take an approved waiver back')).action(withId('waiver revoke'));
}

function addRequest(waiver: Command, run: Runner): void {
  shared(waiver.command('request'))
    .description('ask for a waiver: write the file that an approver signs')
    .option('--task <id>', 'fill in what the verdict of this waiting task asks for, for it alone')
    .option('--spec <id>', 'the working spec, when no task is named')
    .option('--gate <name...>', 'what it lifts, such as budget_limit or rule:D4')
    .option('--path <glob...>', 'only findings on these paths (default: those of the verdict, or the whole change)')
    .option('--files <n>', 'add so many files to the budget', toNumber)
    .option('--lines <n>', 'add so many lines to the budget', toNumber)
    .option('--title <words>')
    .requiredOption('--reason <words>', 'why there is no other way')
    .addOption(new Option('--reason-code <code>', 'the kind of reason').choices(reasonCodes))
    .requiredOption('--mitigation <words>', 'what keeps the risk small')
    .option('--risk-owner <name>', 'who carries the risk (default: who asks)')
    .option('--as <name>', 'who asks (default: the git user of the repository)')
    .option('--days <n>', 'how long it lasts (default: 7; at most 7, 30 and 90 in tier 1, 2 and 3)', toNumber)
    .option('--max-uses <n>', 'how many verdicts may lean on it (default: 1)', toNumber)
    .option('--out <file>', 'where to write it (default: outside of the repository)')
    .action((flags: Flags) => run('waiver request', flags));
}

function shared(command: Command): Command {
  return command
    .option('-C, --repository <dir>', 'the repository that it is for', '.')
    .option('--json', 'print the result as JSON');
}

function signed(command: Command): Command {
  return command
    .option('--signature <file>', 'what ssh-keygen -Y sign -n caws-waiver wrote')
    .option('--key <file>', 'sign with this key now');
}
