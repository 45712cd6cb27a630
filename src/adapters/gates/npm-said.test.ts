import { expect, it } from 'vitest';
import { npmSaid } from './npm-said.js';

it('names the cause, not the help that npm prints after it', () => {
  const help = 'npm error   --install-links\nnpm error     When set, file: dependencies are packed\n'.repeat(40);
  const said = npmSaid(
    `npm warn old config\nnpm error code EUSAGE\nnpm error\nnpm error package.json and package-lock.json are not in sync\n${help}`,
  );
  expect(said).toMatch(/^code EUSAGE · package\.json and package-lock\.json are not in sync · /);
  expect(said.length).toBeLessThanOrEqual(600);
});

it('keeps the end of what it said where it named no error', () => {
  expect(npmSaid(`${'x'.repeat(900)}killed\n`)).toMatch(/killed$/);
});
