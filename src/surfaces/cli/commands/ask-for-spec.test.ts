import { describe, expect, it } from 'vitest';
import { askForSpec, refuseAnswer } from './ask-for-spec.js';

const terminal = {
  out() {},
  err() {},
  interactive: false,
  colour: false,
  directory: '/',
  environment: {},
  setExitCode() {},
};

describe('a new working spec', () => {
  it.each([
    ['id', 'PAY-001', undefined],
    ['id', 'pay 1', /PAY-001/],
    ['acceptance', 'a | b | c', undefined],
    ['acceptance', 'a | b', /three parts/],
    ['acceptance', 'a | b |', /three parts/],
    ['title', '', /needed/],
    ['title', 'Totals that hold', undefined],
  ])('asks again at once: %s %j', (key, answer, says) => {
    const refused = refuseAnswer(key, answer);
    if (says === undefined) expect(refused).toBeUndefined();
    else expect(refused).toMatch(says);
  });

  it('refuses an id by flag with the form that it takes', async () => {
    await expect(askForSpec({ id: 'pay 1' }, terminal)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'not a spec id: "pay 1"',
      mend: expect.stringContaining('PAY-001'),
    });
  });
});
