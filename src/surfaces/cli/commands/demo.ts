import type { DemoInput, DemoOutput } from '../../../app/demo/demo.js';
import { exitCodes } from '../exit-codes.js';
import { paint } from '../paint.js';
import { showVerdict } from './adjudicate.js';
import type { CommandSurface } from './command-surface.js';

const next = [
  'Go on with your own repository:',
  '  arbiter measure                  count a change exactly',
  '  arbiter examine                  every finding that needs no spec, in any git repository',
  '  arbiter init                     policy, gates for your stack, a verdict key outside the repository',
  '  arbiter spec new                 the first working spec',
  '  arbiter adjudicate               the whole thing, with a signed verdict',
  'In this checkout, `arbiter` is `node dist/main.js`; `npm link` puts it on PATH.',
];

export const demoSurface: CommandSurface<DemoInput, DemoOutput> = {
  shape: (flags) => ({ keep: flags['keep'] === true }),
  show(output, terminal) {
    const lines = output.verdicts.flatMap(({ name, story, verdict, expected, signature, milliseconds }) => [
      paint(terminal, 'bold', `${name}: ${story}`),
      ...showVerdict(verdict, terminal).map((line) => `  ${line}`),
      `  ssh-keygen -Y verify: ${signature} · ${(milliseconds / 1000).toFixed(1)} s`,
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
