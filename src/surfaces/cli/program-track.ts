import { type Command, Option } from 'commander';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

/** Commands around data points of tasks. */
export function addTrackCommands(program: Command, run: Runner): void {
  const track = program.command('track').description('data points of tasks: what was decided, done, judged and spent');
  const json = (command: Command): Command => command.option('--json', 'print the result as JSON');
  const timed = (command: Command): Command =>
    json(command)
      .option('--since <day>', 'from this day on, such as 2026-11-01 (UTC)')
      .option('--until <day>', 'up to the end of this day');
  json(track.command('status'))
    .description('how much of what happened is told, and which fields are missing')
    .action((flags: Flags) => run('track status', flags));
  timed(track.command('report'))
    .description('plan success, first-step success and unplanned fallback apart; how each agent fares')
    .action((flags: Flags) => run('track report', flags));
  timed(track.command('export <file>'))
    .description('write data points for training into a new file, with FILE.card.md beside it')
    .addOption(new Option('--format <format>', 'of the file').choices(['jsonl', 'parquet']).default('jsonl'))
    .action((file: string, flags: Flags) => run('track export', { ...flags, file }));
  json(track.command('outcomes <file>'))
    .description('take outcomes that became known later or elsewhere: JSON lines, each judged against what is known')
    .action((file: string, flags: Flags) => run('track outcomes', { ...flags, file }));
  json(track.command('reconcile'))
    .description('compare what data points, router and registry hold of outcomes; exit 1 where they differ')
    .option('--mend', 'have router and registry learn what the data points say, and make again what is damaged')
    .action((flags: Flags) => run('track reconcile', flags));
  json(track.command('tidy'))
    .description('tell what is behind, and fold old months into sums; without --yes it says what would be folded')
    .option('--keep-months <n>', 'months before this one whose points are kept', Number, 12)
    .option('--yes', 'fold them; their points are gone then, the stories of the tasks are not')
    .action((flags: Flags) => run('track tidy', flags));
}
