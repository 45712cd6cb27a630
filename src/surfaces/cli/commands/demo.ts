import type { DemoInput, DemoOutput } from '../../../app/demo/demo.js';
import { exitCodes } from '../exit-codes.js';
import { paint } from '../paint.js';
import { showVerdict } from './adjudicate.js';
import type { CommandSurface } from './command-surface.js';

const next = [
  'Go on in your own repository (`arbiter` is `node dist/main.js` of this checkout; `npm link` puts it on PATH):',
  '  arbiter examine        at once, without any set-up: what stands against the work tree?',
  '  arbiter init           policy, gates for your stack, a verdict key outside the repository; then commit .caws',
  '  arbiter gates check    does each gate go red on a known-bad change?',
  '  arbiter spec new       the first working spec; commit it too',
  '  arbiter adjudicate     judge the work tree against HEAD, and sign the verdict',
];

const signatures: Readonly<Record<DemoOutput['verdicts'][number]['signature'], string>> = {
  verified: 'verified',
  refused: 'REFUSED',
  unsigned: 'UNSIGNED',
  'ssh-keygen missing': 'not run, since ssh-keygen is not installed (apt install openssh-client)',
};

export const demoSurface: CommandSurface<DemoInput, DemoOutput> = {
  shape: (flags) => ({ keep: flags['keep'] === true }),
  show(output, terminal) {
    const lines = output.verdicts.flatMap(({ name, story, verdict, expected, signature, milliseconds }) => [
      paint(terminal, 'bold', `${name}: ${story}`),
      ...showVerdict(verdict, terminal).map((line) => `  ${line}`),
      `  ssh-keygen -Y verify: ${signatures[signature]} · ${(milliseconds / 1000).toFixed(1)} s`,
      ...(verdict.verdict === expected ? [] : [paint(terminal, 'red', `  expected ${expected}: please report this`)]),
      '',
    ]);
    const sandbox =
      output.sandbox === 'none'
        ? [
            paint(
              terminal,
              'yellow',
              `No sandbox here (${output.sandboxDetail}): the demo's base says "sandbox: none", and so does each verdict.`,
            ),
            '',
          ]
        : [];
    const kept = output.repository === null ? [] : [`The repository is kept at ${output.repository}`, ''];
    return `${[...lines, ...sandbox, ...kept, ...next].join('\n')}\n`;
  },
  exitCode: ({ verdicts }) =>
    verdicts.every(
      ({ verdict, expected, signature }) =>
        verdict.verdict === expected && signature !== 'refused' && signature !== 'unsigned',
    )
      ? exitCodes.pass
      : exitCodes.fail,
};
