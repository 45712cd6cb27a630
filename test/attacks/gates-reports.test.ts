import { describe, expect, it } from 'vitest';
import { deliberate, type Files, honestBase, nodeGate, probe } from './gate-fixture.js';

const why = probe.available ? '' : ` (skipped: ${probe.detail})`;
const run = it.skipIf(!probe.available);

const honestSum = 'export function sum(a, b) {\n  return a + b;\n}\n';
const brokenSum = 'export function sum(a, b) {\n  return a - b;\n}\n';
const product = (text: string): Files => ({ 'src/sum.js': text });

/** Finds the report's path as an attacker would: in the command line of the runner above. */
const findReport = `import fs from 'node:fs';
import { spawn } from 'node:child_process';
const line = fs.readFileSync('/proc/' + process.ppid + '/cmdline', 'utf8').split('\\0');
const report = line.find((word) => word.startsWith('--test-reporter-destination=')).split('=')[1];
`;
const forged = `<?xml version="1.0"?><testsuites><testcase name="sums" classname="test"/></testsuites>`;
/** A child of its own session that does something to the report again and again until it is killed. */
const detached = (what: string): string =>
  `${findReport}spawn(process.execPath, ['-e', \`const fs = require('fs'); const report = '\${report}'; setInterval(() => { try { ${what} } catch { } }, 5);\`], { detached: true, stdio: 'ignore' }).unref();
await new Promise((resolve) => setTimeout(resolve, 150));
`;

/** A gate whose tool can only write into the checkout. */
const fileGate = {
  ...nodeGate,
  command: ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=out/junit.xml'],
  reports: [{ format: 'junit', path: 'out/junit.xml' }],
};
const fileBase: Files = { ...honestBase, 'out/keep': '' };

describe(`attacks on a report that leaves by a pipe${why}`, () => {
  run('rewritten by a detached child: what the runner wrote cannot be taken back', async () => {
    const text = detached(`fs.writeFileSync(report, \\\`${forged}\\\`)`) + brokenSum;
    const result = (await deliberate(honestBase, product(text))).outcome();
    expect(result).toMatchObject({ outcome: 'error', tripwire: 'missing' });
    expect(result.findings[0]).toMatchObject({ rule: 'gate.not-run', severity: 'block' });
  });

  run('read away by a detached child, which then writes its own', async () => {
    const text = `${findReport}
try {
  const pipe = fs.openSync(report, 'r');
  const thief = 'while :; do dd bs=65536 count=1 of=/dev/null 2>/dev/null; done';
  spawn('sh', ['-c', thief], { detached: true, stdio: [pipe, 'ignore', 'ignore'] }).unref();
} catch {}
${honestSum}`;
    // Nobody but us may read the pipe, so the attack changes nothing and the honest result stands.
    expect((await deliberate(honestBase, product(text))).outcome()).toMatchObject({
      outcome: 'pass',
      executedCount: 1,
    });
  });

  run.each([
    ['a symbolic link', `fs.rmSync(report, { force: true }); fs.symlinkSync('/workspace/package.json', report);`],
    [
      'another named pipe',
      `fs.rmSync(report, { force: true }); require('child_process').execSync('mkfifo ' + report);`,
    ],
    ['a file', `fs.renameSync('/workspace/package.json', report);`],
    ['a pipe that all may read', `fs.chmodSync(report, 0o777); fs.readFileSync(report);`],
  ])('turned into %s: the folder it stands in cannot be written', async (_, what) => {
    const text = detached(what) + honestSum;
    expect((await deliberate(honestBase, product(text))).outcome()).toMatchObject({
      outcome: 'pass',
      executedCount: 1,
    });
    const red = (await deliberate(honestBase, product(detached(what) + brokenSum))).outcome();
    expect(red).toMatchObject({ outcome: 'fail', tripwire: 'reported' });
  });

  run('filled with gigabytes', async () => {
    const text = `${findReport}const block = Buffer.alloc(1 << 20, 97);\nfor (let i = 0; i < 4096; i += 1) fs.appendFileSync(report, block);\n`;
    const startedMs = performance.now();
    const result = (await deliberate(honestBase, product(text))).outcome();
    expect(result).toMatchObject({ outcome: 'error', reason: expect.stringContaining('more than its limit') });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  run('output of gigabytes', async () => {
    const text = `const block = 'a'.repeat(1 << 20) + '\\n';\nfor (let i = 0; i < 64; i += 1) console.log(block);\n`;
    const command = [...nodeGate.command, '--test-reporter=spec', '--test-reporter-destination=stdout'];
    const gates = { tests: { ...nodeGate, command, maxOutputMb: 4 } };
    const result = (await deliberate(honestBase, product(text), { gates })).outcome();
    expect(result.outcome).toBe('error');
  });

  run('unparseable', async () => {
    const text = `${findReport}fs.appendFileSync(report, '<not a report');\n${honestSum}`;
    const result = (await deliberate(honestBase, product(text))).outcome();
    expect(result).toMatchObject({ outcome: 'error', tripwire: 'missing' });
  });

  run('missing', async () => {
    const gates = { tests: { ...nodeGate, command: ['node', '--test'] } };
    const result = (await deliberate(honestBase, product(honestSum), { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'error', reason: expect.stringContaining('{report:junit}') });
  });

  run('without an executed test', async () => {
    const bare: Files = { ...honestBase, 'test/sum.test.js': null };
    const skipped: Files = { 'test/sum.test.js': `import test from 'node:test';\ntest.skip('sums', () => {});\n` };
    const result = (await deliberate(bare, { ...product(honestSum), ...skipped })).outcome();
    expect(result).toMatchObject({ outcome: 'fail', executedCount: 0 });
    expect(result.findings.map((finding) => finding.rule)).toContain('gate.tests.zero');
    const none = (await deliberate(bare, product(honestSum))).outcome();
    expect(none.outcome).not.toBe('pass');
  });
});

describe(`attacks on a report written into the checkout${why}`, () => {
  const gates = { tests: fileGate };

  run('its honest twin', async () => {
    const result = (await deliberate(fileBase, product(honestSum), { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', executedCount: 1, tripwire: 'reported' });
  });

  run.each([
    [
      'a symbolic link',
      'is a symbolic link',
      `fs.rmSync(report, { force: true }); fs.symlinkSync('/etc/passwd', report);`,
    ],
    [
      'a named pipe',
      'is not a regular file',
      `if (fs.lstatSync(report).isFIFO()) return; fs.rmSync(report); require('child_process').execSync('mkfifo ' + report);`,
    ],
    ['a folder', 'is not a regular file', `fs.rmSync(report, { force: true }); fs.mkdirSync(report);`],
  ])('turned into %s', async (_, said, what) => {
    const result = (await deliberate(fileBase, product(detached(what) + brokenSum), { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'error', reason: expect.stringContaining(said) });
  });

  run('behind a folder that is a link to the host', async () => {
    const text = `import fs from 'node:fs';\nfs.rmSync('out', { recursive: true });\nfs.symlinkSync('/etc', 'out');\n${honestSum}`;
    const result = (await deliberate(fileBase, product(text), { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'error', reason: expect.stringContaining('was not written') });
  });

  run('rewritten by a detached child that does not know the nonces', async () => {
    const text = detached(`fs.writeFileSync(report, \\\`${forged}\\\`)`) + brokenSum;
    const result = (await deliberate(fileBase, product(text), { gates })).outcome();
    expect(result.outcome).not.toBe('pass');
    expect(result.tripwire).toBe('missing');
  });
});
