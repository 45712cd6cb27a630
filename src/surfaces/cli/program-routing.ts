import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

const policies = ['epsilon-greedy', 'ucb1', 'kl-ucb', 'thompson', 'lin-ucb', 'lin-ts', 'square-cb'];

/** Commands about the choice of agents: `route …`. */
export function addRoutingCommands(program: Command, run: Runner): void {
  const route = program.command('route').description('why a task got its agent, and what came of it');
  const one = (name: string, what: string): void => {
    route
      .command(`${name} <id>`)
      .description(what)
      .option('--json', 'print the result as JSON')
      .action((id: string, flags: Flags) => run(`route ${name}`, { ...flags, id }));
  };
  one('explain', 'say why a task (or a decision) got its agent and why not the others');
  one('replay', 'make a decision again from its record: the same bytes, or what differs');
  route
    .command('list')
    .description('list the router’s decisions, newest first')
    .option('--days <n>', 'of the last so many days', toNumber)
    .option('--limit <n>', 'at most so many', toNumber)
    .option('--json', 'print the result as JSON')
    .action((flags: Flags) => run('route list', flags));
  route
    .command('evaluate')
    .description('estimate from the log what another policy would have earned')
    .addOption(new Option('--policy <name>', 'the policy').choices(policies).makeOptionMandatory())
    .option('--options <json>', 'its parameters, as in routing.policy of .caws/arbiter.yaml')
    .option('--days <n>', 'by decisions of the last so many days', toNumber)
    .option('--json', 'print the result as JSON')
    .action((flags: Flags) => run('route evaluate', flags));
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('it is no number');
  return value;
}
