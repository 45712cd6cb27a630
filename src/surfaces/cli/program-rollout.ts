import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

/** Commands by which agents, model versions and routing policies are brought in: `rollout …`, `shadow …`. */
export function addRolloutCommands(program: Command, run: Runner): void {
  const rollout = program.command('rollout').description('bring an agent, a model or a policy in, step by step');
  addStart(rollout, run);
  json(rollout.command('status [id]'))
    .description('show the rollouts, or one with its whole story')
    .action((id: string | undefined, flags: Flags) => run('rollout status', { ...flags, id }));
  addWord(
    rollout.command('promote <id>'),
    run,
    'rollout promote',
    'take it a stage up; at the top, accept the candidate',
  );
  addWord(rollout.command('abort <id>'), run, 'rollout abort', 'veto it: every task goes to the incumbent again');
  json(rollout.command('observe <file>'))
    .description('tell the rollouts of outcomes and shadow decisions, as JSON Lines (- is standard input)')
    .action((file: string, flags: Flags) => run('rollout observe', { ...flags, file }));
  json(rollout.command('drift'))
    .description('tell which agents fell from their own level on a surface')
    .option('--drop <reward>', 'the fall of mean reward that is watched for (default: 0.1)', toNumber)
    .action((flags: Flags) => run('rollout drift', flags));
  json(program.command('shadow').description('Arbiter beside another orchestrator').command('ingest <file>'))
    .description('let a policy decide beside a log of decisions and outcomes, as JSON Lines (- is standard input)')
    .option('--policy <name>', 'the policy (default: the router’s own)')
    .option('--floor <n>', 'least effective sample size that a value is told from (default: 30)', toNumber)
    .option('--quarantine <file>', 'write the lines that were set aside there')
    .action((file: string, flags: Flags) => run('shadow ingest', { ...flags, file }));
}

function addStart(rollout: Command, run: Runner): void {
  json(rollout.command('start'))
    .description('begin in the shadow of what is there: 10, 25, 50, 100 % of tasks as outcomes allow')
    .addOption(new Option('--kind <kind>', 'what is brought in').choices(['agent', 'model', 'policy']).default('agent'))
    .option('--incumbent <name@version>', 'what is there (default: the version in use, the policy of this repository)')
    .requiredOption(
      '--candidate <name@version>',
      'what is to take its place: an agent, a new version of the incumbent, or a policy (NAME, NAME:key=value,…, a file)',
    )
    .option('--model <name>', 'of a new version: its model')
    .option('--file <path>', 'of a new version: its GGUF or recording')
    .option('--command <argv...>', 'of a new version: its command line')
    .option(
      '--discount <share>',
      'what an outcome of the incumbent counts as for a new version (default: 0.5)',
      toNumber,
    )
    .addOption(
      new Option('--surface <surface>', 'only for this kind of task (default: all)').choices([
        'code-editing',
        'research-assistant',
        'data-analysis',
      ]),
    )
    .option('--alpha <p>', 'risk of a wrong automatic step (default: 0.05)', toNumber)
    .option('--margin <drop>', 'a drop of mean reward this large is never promoted (default: 0.1)', toNumber)
    .option('--fault-rate <p>', 'faults of the candidate up to this are usual (default: 0.05)', toNumber)
    .option('--least <n>', 'outcomes of the candidate in a stage before the next (default: 20)', toNumber)
    .option('--shadow-decisions <n>', 'decisions logged before the first canary; 0 skips it (default: 30)', toNumber)
    .option('--patience <n>', 'outcomes in a stage after which a person is asked (default: 1000)', toNumber)
    .option('--outcomes-per-year <n>', 'what one false drift alarm a year is counted in (default: 10000)', toNumber)
    .option('--as <name>', 'who starts it (default: the user of this machine)')
    .action((flags: Flags) => run('rollout start', flags));
}

function addWord(command: Command, run: Runner, name: string, what: string): void {
  json(command)
    .description(what)
    .requiredOption('--reason <words>', 'why; it becomes part of the story')
    .option('--as <name>', 'who says so (default: the user of this machine)')
    .action((id: string, flags: Flags) => run(name, { ...flags, id }));
}

function json(command: Command): Command {
  return command.option('--json', 'print the result as JSON');
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('it is no number');
  return value;
}
