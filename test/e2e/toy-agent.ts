import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a toy agent does when it is asked to work, as lines of a shell script. */
export const honestFix = [
  `sed -i 's/grams < 500/grams <= 500/' src/postage.js`,
  `cat >> test/postage.test.js <<'END'`,
  `it('charges a letter up to and with 500 grams', () => assert.equal(postage(500), 390));`,
  'END',
];

const plan = {
  approach: 'the boundary belongs to the letter',
  files: [
    { path: 'src/postage.js', lines: 2 },
    { path: 'test/postage.test.js', lines: 3 },
  ],
};
const rationale = {
  summary: 'src/postage.js: <= instead of <; test/postage.test.js shows it',
  files: [
    { path: 'src/postage.js', why: 'the boundary' },
    { path: 'test/postage.test.js', why: 'failed before' },
  ],
};

const answer = (value: unknown): string => `printf '%s\\n' '\`\`\`json' '${JSON.stringify(value)}' '\`\`\`'`;

/** Writes an agent that is a shell script of ours: plans when it is asked for a plan, else does what `work` says. */
export function writeToyAgent(folder: string, name: string, work: readonly string[], planned: unknown = plan): string {
  const file = join(folder, `${name}.sh`);
  const lines = [
    '#!/bin/sh',
    'case "$1" in',
    '*"You plan a change"*)',
    answer(planned),
    ';;',
    '*)',
    ...work,
    answer({ rationale }),
    ';;',
    'esac',
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  chmodSync(file, 0o755);
  return file;
}
