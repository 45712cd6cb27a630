import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoOutput } from '../../src/app/demo/demo.js';
import { productFiles } from '../../src/app/demo/demo-files.js';
import { main } from '../e2e/cli.js';
import { type ModelServer, startModelServer } from '../model-server/start-model-server.js';
import { lacking, lanePath, realAgents, realKey } from './lane.js';

// Through the door that a user uses: a real agent is added, asked for a trivial edit, and takes the demo's task from words
// to a signed verdict. Only its model is a script.
const block = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;
const source = (productFiles['src/postage.js'] ?? '').replace('grams < 500', 'grams <= 500');
const test = (productFiles['test/postage.test.js'] ?? '').replace(
  "  it('charges a parcel'",
  "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
);
const rationale = { summary: 'src/postage.js: <= instead of <; test/postage.test.js shows it' };
const scripts = [
  {
    when: /greeting\.txt/,
    steps: [
      { read: 'notes/greeting.txt' },
      { edit: { path: 'notes/greeting.txt', text: 'hello, arbiter\n' } },
      { say: block({ rationale: { summary: 'greeted' } }) },
    ],
  },
  {
    when: /You plan a change/,
    steps: [
      {
        say: block({
          approach: 'the boundary',
          files: [
            { path: 'src/postage.js', lines: 2 },
            { path: 'test/postage.test.js', lines: 1 },
          ],
        }),
      },
    ],
  },
  {
    when: /You change a repository/,
    steps: [
      { read: 'src/postage.js' },
      { edit: { path: 'src/postage.js', text: source } },
      { read: 'test/postage.test.js' },
      { edit: { path: 'test/postage.test.js', text: test } },
      { say: block({ rationale }) },
    ],
  },
];

const home = mkdtempSync(join(tmpdir(), 'arbiter-lane-home-'));
let server: ModelServer;
const env = {
  // The lane's own node comes last: Arbiter runs on ours.
  PATH: [process.env['PATH'] ?? '', lanePath].join(delimiter),
  HOME: home,
  LANE_KEY: realKey,
  ARBITER_FSYNC: 'off',
};

function arbiter(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...argv], { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

describe.skipIf(lacking !== null)('a real agent, from words to a verdict', () => {
  beforeAll(async () => {
    server = await startModelServer({ scripts, usage: { input: 1000, output: 100 } });
  });
  afterAll(async () => {
    await arbiter('down');
    await server.close();
    rmSync(home, { recursive: true, force: true });
  });

  it.each(realAgents)(
    '$program ($kind): found, added, checked, and its change passes',
    { timeout: 240_000 },
    async (agent) => {
      const name = `${agent.program}-${agent.kind}`;
      const base = `${server.url}/v1`;
      const endpoint = [
        '--endpoint',
        base,
        '--protocol',
        agent.protocol,
        '--key-env',
        'LANE_KEY',
        '--model',
        'mock-model',
      ];
      const price = ['--price-in', '1', '--price-out', '2'];
      const added = await arbiter(
        'agents',
        'add',
        name,
        '--kind',
        agent.kind,
        '--program',
        agent.program,
        ...endpoint,
        ...price,
      );
      expect([added.code, added.out]).toEqual([0, expect.stringContaining('ready')]);
      const checked = await arbiter('agents', 'check', name);
      expect(`${checked.out}${checked.err}`).toContain('made the edit that it was asked for');
      const shown = await arbiter('demo', '--agent', name, '--json');
      const [task] = (JSON.parse(shown.out) as DemoOutput).tasks;
      expect(task).toMatchObject({ state: 'accepted', verdict: { verdict: 'PASS', worker: { agent: name } } });
      expect(task?.told.join('\n')).toContain('plan of edit admitted');
      expect(shown.out).not.toContain(realKey);
      expect(shown.code).toBe(0);
    },
  );

  it('agents list finds what is installed', async () => {
    const { out } = await arbiter('agents', 'list', '--json');
    const { agents } = JSON.parse(out) as { agents: { profile: { name: string }; lacks: string | null }[] };
    expect(agents.map(({ profile, lacks }) => [profile.name, lacks])).toEqual(
      realAgents.map(({ program, kind }) => [`${program}-${kind}`, null]),
    );
  });
});
