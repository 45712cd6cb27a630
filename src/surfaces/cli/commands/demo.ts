import type { DemoInput, DemoOutput } from '../../../app/demo/demo.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { showVerdict } from './adjudicate.js';
import { type CommandSurface, definedOnly, textOf } from './command-surface.js';

const next = [
  'Go on in your own repository (`arbiter` is `node bin/main.js` of this checkout; `npm link` puts it on PATH):',
  '  arbiter examine          at once, without any set-up: what stands against the work tree?',
  '  arbiter init             policy, gates for your stack, a verdict key outside the repository; then commit .caws',
  '  arbiter spec new         the first working spec; commit it too',
  '  arbiter agents list      which coding agents are here; arbiter agents add makes one usable',
  '  arbiter run "…"          from words to a signed verdict',
];

const signatures: Readonly<Record<DemoOutput['tasks'][number]['signature'], string>> = {
  verified: 'verified',
  refused: 'REFUSED',
  unsigned: 'UNSIGNED',
  'ssh-keygen missing': 'not run, since ssh-keygen is not installed (apt install openssh-client)',
};

export const demoSurface: CommandSurface<DemoInput, DemoOutput> = {
  shape: (flags) => ({ keep: flags['keep'] === true, ...definedOnly({ agent: textOf(flags, 'agent') }) }),
  show(output, terminal) {
    const lines = output.tasks.flatMap((task) => showTask(task, terminal));
    const warning = `No sandbox here (${output.sandboxDetail}): the demo's base says "sandbox: none", and so does each verdict.`;
    const sandbox = output.sandbox === 'none' ? [paint(terminal, 'yellow', warning), ''] : [];
    const kept = output.repository === null ? [] : [`The repository is kept at ${output.repository}`, ''];
    return `${[...lines, ...sandbox, ...kept, ...next].join('\n')}\n`;
  },
  exitCode: ({ tasks }) =>
    tasks.every(({ asExpected, signature }) => asExpected && signature !== 'refused' && signature !== 'unsigned')
      ? exitCodes.pass
      : exitCodes.fail,
};

function showTask(task: DemoOutput['tasks'][number], terminal: Terminal): string[] {
  const { name, story, told, verdict, state, reason, signature, milliseconds, asExpected } = task;
  const end = verdict === null ? [`${state}: ${reason ?? ''}`] : showVerdict(verdict, terminal);
  return [
    paint(terminal, 'bold', `${name}: ${story}`),
    ...told.map((line) => paint(terminal, 'dim', `  · ${showForeign(line)}`)),
    ...end.map((line) => `  ${line}`),
    `  ssh-keygen -Y verify: ${signatures[signature]} · ${(milliseconds / 1000).toFixed(1)} s after the start`,
    ...(asExpected ? [] : [paint(terminal, 'red', '  not as expected: please report this')]),
    '',
  ];
}
