import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcessTable } from '../../src/adapters/sandbox/process-table.js';
import { readFileSync } from 'node:fs';
import { deliberate, type Files, honestBase, nodeGate, probe } from './gate-fixture.js';

const why = probe.available ? '' : ` (skipped: ${probe.detail})`;
const run = it.skipIf(!probe.available);

/** The sum, right, behind whatever else the module does. */
const honestSum = 'export function sum(a, b) {\n  return a + b;\n}\n';
const brokenSum = 'export function sum(a, b) {\n  return a - b;\n}\n';
const product = (text: string): Files => ({ 'src/sum.js': text });
const fast = { tests: { ...nodeGate, timeoutSeconds: 4 } };

describe(`attacks on the assertions and the process${why}`, () => {
  run('product code that blanks node:assert through process.getBuiltinModule', async () => {
    const blank = `const assert = process.getBuiltinModule('assert');
for (const name of Object.keys(assert)) if (typeof assert[name] === 'function') assert[name] = () => {};
for (const name of Object.keys(assert.strict)) if (typeof assert.strict[name] === 'function') assert.strict[name] = () => {};
`;
    const result = (await deliberate(honestBase, product(blank + brokenSum))).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'passed' });
    expect(result.findings[0]).toMatchObject({ rule: 'gate.tripwire', severity: 'block' });
  });

  run('… that blanks it only where a known test file runs', async () => {
    const blank = `if (process.argv[1].endsWith('sum.test.js')) {
  const assert = process['getBuiltin' + 'Module']('assert');
  for (const name of Object.keys(assert)) if (typeof assert[name] === 'function') assert[name] = () => {};
}
`;
    const result = (await deliberate(honestBase, product(blank + brokenSum))).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'passed' });
  });

  run('its honest twin: product code that uses node:assert through process.getBuiltinModule', async () => {
    const use = `const assert = process.getBuiltinModule('assert');\nassert.ok(true);\n`;
    expect((await deliberate(honestBase, product(use + honestSum))).outcome()).toMatchObject({ outcome: 'pass' });
  });

  run('product code that ends the process by a computed name, on import', async () => {
    const result = (await deliberate(honestBase, product(`process['ex' + 'it'](0);\n${brokenSum}`))).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'missing' });
  });

  run('… or when it is called', async () => {
    const text = `export function sum() {\n  process[['re', 'allyExit'].join('')](0);\n}\n`;
    const result = (await deliberate(honestBase, product(text))).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'missing' });
    expect(result.findings.map((finding) => finding.rule)).toContain('gate.tests.missing-ids');
  });

  run('its honest twin: a program that ends its process on import as it did on the base', async () => {
    const cli = (text: string) => `console.log('${text}');\nprocess.exit(0);\n`;
    const result = (
      await deliberate({ ...honestBase, 'src/cli.js': cli('one') }, { 'src/cli.js': cli('two') })
    ).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported' });
    expect(result.findings.map((finding) => finding.rule)).toEqual(['gate.import-ends-run']);
  });

  run('its honest twin: a new program that ends its process on import, beside an honest change', async () => {
    const candidate = { ...product(honestSum + '// more'), 'src/cli.js': 'console.log(1);\nprocess.exit(0);\n' };
    const result = (await deliberate(honestBase, candidate)).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported' });
    expect(result.findings.map((finding) => [finding.rule, finding.path])).toEqual([
      ['gate.import-ends-run', 'src/cli.js'],
    ]);
  });

  run('a new module that ends the process, loaded by product code', async () => {
    const candidate = { ...product(`import './dead.js';\n${honestSum}`), 'src/dead.js': `process['ex' + 'it'](0);\n` };
    const result = (await deliberate(honestBase, candidate)).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'missing' });
  });

  run('product code that swallows every failure of node:test', async () => {
    const text = `import { createRequire } from 'node:module';
const test = createRequire(import.meta.url)('node:test');
process.on('exit', () => { process.exitCode = 0; });
test.test = test.it = () => {};
process.stdout.write = () => true;
`;
    const result = (await deliberate(honestBase, product(text + brokenSum))).outcome();
    expect(result.outcome).not.toBe('pass');
    expect(result.tripwire).not.toBe('reported');
  });

  run('product code that kills the runner', async () => {
    const result = (
      await deliberate(honestBase, product(`process.kill(process.ppid, 'SIGKILL');\n${brokenSum}`))
    ).outcome();
    expect(result.outcome).toBe('error');
    expect(result.tripwire).toBe('missing');
  });

  run('product code that ignores SIGTERM and hangs', async () => {
    const text = `process.on('SIGTERM', () => {});\nfor (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);\n`;
    const startedMs = performance.now();
    const result = (await deliberate(honestBase, product(text), { gates: fast })).outcome();
    expect(result).toMatchObject({ outcome: 'error', reason: expect.stringContaining('did not end within its time') });
    // The deadly module is tried on the base too, which bears it: three runs at most.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  run('its honest twin: a module that holds the process open on import, as a server does', async () => {
    const server = (text: string) =>
      `import { createServer } from 'node:http';\ncreateServer((q, a) => a.end('${text}')).listen(0);\n`;
    const result = (
      await deliberate({ ...honestBase, 'src/server.js': server('one') }, { 'src/server.js': server('two') })
    ).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported' });
  });

  run('a fork bomb, bounded by the limit', async () => {
    const bomb = `import { spawn } from 'node:child_process';
if (process.env.DEPTH === undefined || Number(process.env.DEPTH) < 4) {
  const env = { ...process.env, DEPTH: String(Number(process.env.DEPTH ?? 0) + 1) };
  for (let i = 0; i < 60; i += 1) spawn('sleep', ['29.0625'], { detached: true, stdio: 'ignore', env });
}
`;
    const gates = { tests: { ...nodeGate, maxProcesses: 40 } };
    const result = (await deliberate(honestBase, product(bomb + honestSum), { gates })).outcome();
    expect(result).toMatchObject({
      outcome: 'error',
      reason: expect.stringContaining('more processes than its limit'),
    });
    expect(commandLines()).not.toContain('29.0625');
  });

  run('its honest twin: a few processes', async () => {
    const few = `import { execFileSync } from 'node:child_process';\nexecFileSync('true');\n`;
    expect((await deliberate(honestBase, product(few + honestSum))).outcome()).toMatchObject({ outcome: 'pass' });
  });

  run('a background process left behind is dead before the report is read', async () => {
    const text = `import { spawn } from 'node:child_process';\nspawn('sleep', ['31.0625'], { detached: true, stdio: 'ignore' }).unref();\n`;
    expect((await deliberate(honestBase, product(text + honestSum))).outcome()).toMatchObject({ outcome: 'pass' });
    expect(commandLines()).not.toContain('31.0625');
  });
});

describe(`what the tripwire cannot see${why}`, () => {
  const chosen = `const assert = process.getBuiltinModule('assert');
const equal = assert.equal;
assert.equal = (...args) => {
  if (!/sum[.]test[.]js:[0-9]:/.test(new Error().stack)) equal(...args);
};
`;

  run('product code that silences single lines of a known test passes in tier 3, as docs/gates.md says', async () => {
    const result = (await deliberate(honestBase, product(chosen + brokenSum))).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported' });
  });

  run('… and is held up in tiers 1 and 2 by mutants that nobody notices', async () => {
    const result = await deliberate(honestBase, product(chosen + brokenSum), { spec: { riskTier: 2 } });
    expect(result.outcome('arbiter-mutants')).toMatchObject({ outcome: 'fail', kind: 'mutation' });
  });
});

describe(`attacks on what the gate may see${why}`, () => {
  run('a secret of the host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arbiter-host-secret-'));
    const secret = join(folder, 'key');
    writeFileSync(secret, 'planted');
    process.env['ARBITER_TEST_SECRET'] = 'planted';
    const spy = `import fs from 'node:fs';
const places = ['${secret}', '/root/.ssh', '/root/.npmrc', '/etc/shadow', '/home'];
const seen = places.filter((place) => fs.existsSync(place));
if (JSON.stringify(process.env).includes('planted')) seen.push('environment');
export function sum(a, b) { return seen.length === 0 ? a + b : seen.join(); }
`;
    try {
      expect((await deliberate(honestBase, product(spy))).outcome()).toMatchObject({ outcome: 'pass' });
      const bare = (await deliberate(honestBase, product(spy), { config: { sandbox: 'none' } })).outcome();
      // Without a sandbox the secret is in sight: the same test is red, and the outcome says what it ran in.
      expect(bare).toMatchObject({ outcome: 'fail', sandbox: 'none' });
    } finally {
      delete process.env['ARBITER_TEST_SECRET'];
      rmSync(folder, { recursive: true });
    }
  });

  run('the network', async () => {
    let reached = 0;
    const server = createServer((_, answer) => {
      reached += 1;
      answer.end('yes');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const call = `let told = false;
try { await fetch('http://127.0.0.1:${port}/'); told = true; } catch { }
export function sum(a, b) { return told ? 'told' : a + b; }
`;
    try {
      expect((await deliberate(honestBase, product(call))).outcome()).toMatchObject({ outcome: 'pass' });
      expect(reached).toBe(0);
    } finally {
      server.close();
    }
  });

  run('its honest twin: a server and a client inside the run', async () => {
    const own = `import { createServer } from 'node:http';
const server = createServer((q, a) => a.end('3')).listen(0, '127.0.0.1');
await new Promise((r) => server.once('listening', r));
const answer = await (await fetch('http://127.0.0.1:' + server.address().port)).text();
server.close();
server.closeAllConnections();
export function sum(a, b) { return answer === '3' ? a + b : 0; }
`;
    expect((await deliberate(honestBase, product(own))).outcome()).toMatchObject({ outcome: 'pass' });
  });

  run('one gate cannot poison the next, nor the checkout it came from', async () => {
    const poison = `import fs from 'node:fs';\nfs.writeFileSync('test/sum.test.js', '');\nfs.rmSync('package.json');\n`;
    const gates = { one: { kind: 'custom', command: ['node', 'src/sum.js'] }, tests: nodeGate };
    const result = await deliberate(honestBase, product(poison + honestSum), { gates });
    expect(result.outcome('one')).toMatchObject({ outcome: 'pass' });
    expect(result.outcome().executedCount).toBe(1);
  });
});

function commandLines(): readonly string[] {
  return readProcessTable().flatMap(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    } catch {
      return [];
    }
  });
}
