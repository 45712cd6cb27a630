import { afterEach, describe, expect, it } from 'vitest';
import { lacking, realAgents, realKey, type Stage, setStage } from './lane.js';

const stages: Stage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.leave();
});

const never = new AbortController().signal;
const plan = { approach: 'edit it', files: [{ path: 'a.txt', lines: 2 }], tests: [], risks: [] };
const block = (value: unknown): string => `Here it is.\n\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

// As text, so that the patch shows it: environments and command lines are parted by NUL.
const spying = [
  "(env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n') > src/seen.txt 2>/dev/null",
  'grep -rls sk-real /tmp /etc /run /var >> src/seen.txt 2>/dev/null',
  'true',
].join('; ');

/** A look for the key wherever an agent's process could find it, one edit, and the answer. */
const scripts = [
  { when: /PLAN THE CHANGE/, steps: [{ say: block(plan) }] },
  {
    when: /MAKE THE CHANGE/,
    steps: [
      { run: spying },
      { read: 'src/main.js' },
      { edit: { path: 'src/main.js', text: 'edited by an agent\n' } },
      { say: block({ rationale: { summary: 'the text is better now', risks: ['none'] } }) },
    ],
  },
];

describe.skipIf(lacking !== null)('a real agent in a real room', () => {
  it.each(realAgents)(
    '$program ($kind, $protocol) edits a file: measured, paid for, without the key',
    async (agent) => {
      const stage = await setStage(agent, { scripts, usage: { input: 1000, output: 100 } });
      stages.push(stage);
      const { server, worker, tell, news } = stage;
      const submission = await worker.work(stage.assignment('MAKE THE CHANGE to src/main.js.'), tell, never);
      const patch = Buffer.from(submission.patch).toString();
      expect(patch).toContain('+edited by an agent');
      expect(submission.rationale).toMatchObject({ summary: 'the text is better now', risks: ['none'] });
      expect(submission.worker).toMatchObject({ agent: `${agent.program}-${agent.kind}`, model: 'mock-model' });
      expect(submission.worker.version).toMatch(/^\d+\.\d+\.\d+/);
      // what the relay saw is what the model server answered; codex may ask once more when its turn is over, and is ended then
      const { turns } = submission.spend;
      expect(turns).toBeGreaterThanOrEqual(Math.max(4, server.requests.length - 1));
      // seen once of claude on a busy machine: a call more than the server had read whole. One that is cut as it is sent may
      // have been paid for, so that the relay counts it, by an estimate
      const cut = Math.max(0, turns - server.requests.length);
      expect(cut).toBeLessThanOrEqual(agent.program === 'claude' ? 1 : 0);
      const whole = turns - cut;
      const { input_tokens: input, output_tokens: output, micro_usd: paid } = submission.spend;
      const reported = { input: 1000 * whole, output: 100 * whole, paid: 1200 * whole };
      if (cut === 0) expect({ input, output, paid }).toEqual(reported);
      for (const [counted, least] of [
        [input, reported.input],
        [output, reported.output],
        [paid, reported.paid],
      ] as const)
        expect(counted).toBeGreaterThanOrEqual(least);
      // the key was good for the endpoint, and nowhere inside
      expect(new Set(server.requests.map(({ key }) => key))).toEqual(new Set([realKey]));
      expect(patch).toContain('seen.txt');
      expect(patch).not.toContain(realKey);
      expect(Buffer.from(submission.transcript).toString()).not.toContain(realKey);
      expect(server.requests.every(({ text }) => !text.includes(realKey))).toBe(true);
      expect(news.some(({ kind }) => kind === 'spend')).toBe(true);
    },
  );

  it.each(realAgents)('$program ($kind, $protocol) plans, and writes nothing', async (agent) => {
    const stage = await setStage(agent, { scripts });
    stages.push(stage);
    const proposed = await stage.worker.plan(stage.assignment('PLAN THE CHANGE of a.txt.'), stage.tell, never);
    expect(proposed.plan).toMatchObject({ spec_id: 'S-1', files: [{ path: 'a.txt', lines: 2 }] });
    expect(proposed.spend.turns).toBeGreaterThanOrEqual(1);
    expect(stage.news.filter(({ kind }) => kind === 'file')).toEqual([]);
  });
});
