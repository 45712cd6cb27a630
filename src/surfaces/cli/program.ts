import { Command, CommanderError, Option } from 'commander';
import { addLedgerCommands } from './program-ledger.js';
import { addKeysCommands } from './program-keys.js';
import { addRoutingCommands } from './program-routing.js';
import { addPublicationCommands } from './program-publication.js';
import { addRuntimeCommands } from './program-tasks.js';
import { addRolloutCommands } from './program-rollout.js';
import { addTrackCommands } from './program-track.js';
import { addWaiverCommands } from './program-waivers.js';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

/**
 * The command line, without any of the work: names, flags and help only, so that `--help` costs nothing else.
 * Each action hands its flags to the operation of the same name.
 */
export function createProgram(version: string, run: Runner): Command {
  const program = new Command('arbiter')
    .description(
      'The constitutional runtime for coding agents: proves a change against its spec and signs the verdict.',
    )
    .version(version)
    .showHelpAfterError('(arbiter --help shows the commands)')
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      'after',
      '\nExit codes: 0 PASS · 1 FAIL · 2 WAIVER_REQUIRED · 3 usage · 4 fault\nStart with: arbiter demo, or arbiter examine in any git repository.',
    );
  addChangeCommands(program, run);
  addConstitutionCommands(program, run);
  addGateCommands(program, run);
  addVerdictCommands(program, run);
  addKeysCommands(program, run);
  addRuntimeCommands(program, run);
  addRoutingCommands(program, run);
  addLedgerCommands(program, run);
  addPublicationCommands(program, run);
  addWaiverCommands(program, run);
  addRolloutCommands(program, run);
  addTrackCommands(program, run);
  program
    .command('demo')
    .description('make a small repository, take real tasks through the engine, and show the verdicts')
    .option('--keep', 'keep the repository and say where it is')
    .option('--agent <name>', 'let this real agent do the work: one that was added, or a known program such as pi')
    .option('--json', 'print the result as JSON')
    .addOption(
      new Option('--routing', 'let the router find the right one of three agents, and explain it').conflicts([
        'agent',
        'keep',
      ]),
    )
    .action((flags: Flags) => run(flags['routing'] === true ? 'demo routing' : 'demo', flags));
  return program;
}

function withCandidate(command: Command): Command {
  return command
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--base <rev>', 'what the change is measured against (default: HEAD, or the first parent of --head)')
    .addOption(new Option('--head <rev>', 'the candidate is this commit').conflicts(['workTree', 'diff']))
    .addOption(
      new Option('--work-tree', 'the candidate is the work tree, untracked files included (default)').conflicts([
        'diff',
      ]),
    )
    .option('--diff <file>', 'the candidate is the base with this patch applied')
    .option('--json', 'print the result as JSON');
}

function withPlea(command: Command): Command {
  return withCandidate(command)
    .option('--spec <id|file>', 'the working spec, read from the base commit')
    .option('--plan <file>', 'the worker’s plan of edit (YAML or JSON)')
    .option('--rationale <file>', 'the worker’s rationale (YAML, JSON or plain text)')
    .option('--evidence <file>', 'the worker’s evidence manifest (YAML or JSON): compared, never believed')
    .option('--review <file>', 'a reviewer’s signature over this change (namespace caws-review)');
}

function addChangeCommands(program: Command, run: Runner): void {
  withCandidate(program.command('measure'))
    .description('measure a change exactly, in any git repository')
    .action((flags: Flags) => run('measure', flags));
  withPlea(program.command('examine'))
    .description('examine a change without running anything: budget, scope, protected paths, tampering')
    .action((flags: Flags) => run('examine', flags));
  withPlea(program.command('adjudicate'))
    .description('examine a change, run its gates and sign a verdict')
    .option(
      '--out <dir>',
      'where to write verdict.yaml, verdict.yaml.sig and change.diff (default: a new folder outside the repository)',
    )
    .option('--key <file>', 'the verdict key (default: ARBITER_VERDICT_KEY, else the one arbiter init made)')
    .action((flags: Flags) => run('adjudicate', flags));
}

function addConstitutionCommands(program: Command, run: Runner): void {
  program
    .command('init')
    .description('set a repository up: policy, gates for its stack, a verdict key outside it')
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--github', 'also write .github/workflows/arbiter-verify.yml, the required check')
    .option('--json', 'print the result as JSON')
    .action((flags: Flags) => run('init', flags));
  const spec = program.command('spec').description('working specs');
  withCheck(spec.command('check <files...>'))
    .description('check working specs, policies and waivers of the dialects A, B and C')
    .action((files: string[], flags: Flags) => run('spec check', { ...flags, files }));
  spec
    .command('new')
    .description('write .caws/specs/<ID>.yaml, valid in the dialects B and C (asks what flags leave out)')
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--id <ID>', 'such as PAY-001')
    .option('--title <words>')
    .addOption(new Option('--tier <n>', 'risk tier').choices(['1', '2', '3']))
    .addOption(new Option('--mode <mode>').choices(['feature', 'refactor', 'fix', 'doc', 'chore']))
    .option('--in <path...>', 'where work may happen')
    .option('--out <path...>', 'where it may not')
    .option('--invariant <words...>', 'what must stay true')
    .option('--accept <given|when|then...>', 'acceptance criteria, three parts divided by |')
    .option('--contract <type:path...>', 'contracts, such as api:openapi.yaml')
    .option('--observability <words...>', 'what will show that it works (tier 1)')
    .option('--rollback <words...>', 'how it is taken back (tier 1)')
    .option('--security <words...>', 'security requirements (tier 1)')
    .option('--json', 'print the result as JSON')
    .action((flags: Flags) => run('spec new', flags));
  const policy = program.command('policy').description('policies');
  withCheck(policy.command('check [files...]'))
    .description('check policies (default: .caws/policy.yaml)')
    .action((files: string[], flags: Flags) =>
      run('policy check', { ...flags, files: files.length > 0 ? files : ['.caws/policy.yaml'] }),
    );
}

function withCheck(command: Command): Command {
  return command
    .addOption(new Option('--dialect <dialect>').choices(['auto', 'A', 'B', 'C']).default('auto'))
    .addOption(
      new Option('--kind <kind>', 'kind of file').choices(['auto', 'spec', 'policy', 'waiver']).default('auto'),
    )
    .option('--json', 'print the result as JSON');
}

function addGateCommands(program: Command, run: Runner): void {
  const gates = program.command('gates').description('gates of the base commit’s configuration');
  const shared = (command: Command): Command =>
    command
      .option('-C, --repository <dir>', 'work in this folder', '.')
      .option('--base <rev>', 'the commit whose configuration counts', 'HEAD')
      .option('--json', 'print the result as JSON');
  shared(gates.command('list'))
    .description('show the gates and whether this machine can run them')
    .action((flags: Flags) => run('gates list', flags));
  shared(gates.command('check'))
    .description('plant a known-bad change for each gate and ask it for red')
    .action((flags: Flags) => run('gates check', flags));
}

function addVerdictCommands(program: Command, run: Runner): void {
  program
    .command('verdict')
    .description('signed verdicts')
    .command('verify <file>')
    .description('check a verdict’s signature and explain it in words')
    .option('-C, --repository <dir>', 'the repository whose allowed_signers count', '.')
    .option('--allowed-signers <file>', 'trust these signers instead')
    .option('--log-key <file>', 'the verifier key of the log that verdict.sigstore.json has to be of')
    .option('--json', 'print the result as JSON')
    .action((file: string, flags: Flags) => run('verdict verify', { ...flags, file }));
}

/** True when commander ended on its own: help, version, or a usage error that it has printed. */
export function isCommanderExit(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}
