#!/usr/bin/env node
// A command-line agent whose prompt says line by line what it does. It speaks the JSON lines of `claude -p`.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const verbs = {
  say: (text) =>
    tell({ type: 'assistant', message: { content: [{ type: 'text', text: text.replaceAll('\\n', '\n') }] } }),
  write: (rest) => {
    const [path, ...words] = rest.split(' ');
    tell({
      type: 'assistant',
      message: { content: [{ type: 'tool_use', name: 'Write', input: { file_path: path } }] },
    });
    writeFileSync(path, `${words.join(' ')}\n`);
  },
  raw: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text.replaceAll('TOKEN', process.env.ANTHROPIC_API_KEY ?? '')}\n`),
  wait: (ms) => pause(Number(ms)),
  stay: () => {
    process.on('SIGTERM', () => undefined);
    return pause(60_000);
  },
  fail: (text) => tell({ type: 'result', subtype: 'error', is_error: true, result: text }),
  exit: (code) => process.exit(Number(code)),
};

if (process.argv.includes('--version')) {
  console.log('toy 1.2.3');
  process.exit(0);
}
for (const line of readFileSync(0, 'utf8').split('\n')) {
  const [verb, ...rest] = line.split(' ');
  await verbs[verb]?.(rest.join(' '));
}
tell({ type: 'result', subtype: 'success', is_error: false, result: '' });
