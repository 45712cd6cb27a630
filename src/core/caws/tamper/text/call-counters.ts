/** State that outlives a call. `pattern` is its name as a regular expression. */
export interface Counter {
  readonly name: string;
  readonly pattern: string;
  readonly kind: 'number' | 'flag' | 'queue';
}

const declared =
  /^(?:export\s+)?(?:let|var)\s+([\w$]+)(?:\s*:\s*[\w<>]+)?\s*=\s*(-?\d+|true|false)\s*;?\s*$|^([A-Za-z_]\w*)(?:\s*:\s*\w+)?\s*=\s*(-?\d+|True|False)\s*$/gm;
const held =
  /^(?:export\s+)?(?:(?:const|let|var)\s+)?([\w$]+)(?:\s*:[^=\n]+)?\s*=\s*\{([^{}]*:\s*0\b[^{}]*)\}\s*;?\s*$/gm;
const statics = /^\s+(?:private\s+|public\s+)?static\s+(#?[\w$]+)(?:\s*:\s*\w+)?\s*=\s*(-?\d+|true|false)\b/gm;
const queues = /^(?:export\s+)?(?:(?:const|let|var)\s+)?([\w$]+)(?:\s*:[^=\n]+)?\s*=\s*\[\s*(?=[-\d"'`{[tTfF])/gm;
const properties =
  /([\w$]+\.[\w$]+)\s*=\s*\(?\s*\1\s*(?:\?\?|\|\||or)\s*0\s*\)?\s*\+\s*1|\b((?:globalThis|global|window)\.[\w$]+|[\w$]+\.(?:\w*(?:calls?|count|counter|times|invocations?|hits|n)))\s*(?:\+\+|\+=\s*1)/gi;
const maps = /([\w$]+)\.set\(\s*([\w$.]+)\s*,\s*\(?\s*\(?\s*\1\.get\(/g;

/** Counters, flags and queues in a text of code without comments; only those that something in it moves. */
export function countersOf(code: string): readonly Counter[] {
  const names = new Map<string, Counter>();
  const add = (name: string, kind: Counter['kind'], pattern = `(?<![\\w$.])${escape(name)}`): void => {
    if (name !== '' && !names.has(name)) names.set(name, { name, kind, pattern });
  };
  for (const it of code.matchAll(declared))
    add(it[1] ?? it[3] ?? '', /\d/.test(it[2] ?? it[4] ?? '') ? 'number' : 'flag');
  for (const it of code.matchAll(statics))
    add(it[1] ?? '', /\d/.test(it[2] ?? '') ? 'number' : 'flag', `\\.${escape(it[1] ?? '')}`);
  for (const it of code.matchAll(held)) {
    for (const field of (it[2] ?? '').matchAll(/([\w$]+)["']?\s*:\s*0\b/g))
      add(`${it[1] ?? ''}.${field[1] ?? ''}`, 'number');
  }
  for (const it of code.matchAll(queues)) add(it[1] ?? '', 'queue');
  for (const it of code.matchAll(properties)) add(it[1] ?? it[2] ?? '', 'number');
  for (const it of code.matchAll(maps)) add(it[1] ?? '', 'number', `${escape(it[1] ?? '')}\\.get\\([^)]*\\)`);
  const moving = [...names.values()].filter((counter) => counter.kind !== 'number' || isCounting(counter, code));
  return [...moving, ...moving.flatMap((counter) => aliasesOf(counter, code))];
}

function escape(name: string): string {
  return name.replace(/[$.#]/g, '\\$&');
}

/** It goes up by one inside some function, and never comes down again. */
function isCounting({ pattern }: Counter, code: string): boolean {
  const up = new RegExp(
    `(?:^[^\\n]*\\S[^\\n]*|^\\s+)(?:\\+\\+${pattern}|${pattern}\\s*(?:\\+\\+|\\+=\\s*1\\b|=\\s*\\(?[^;\\n]*\\+\\s*1\\b))|\\.set\\(`,
    'm',
  );
  const down = new RegExp(`--${pattern}|${pattern}\\s*(?:--|-=)`);
  const raised =
    up.test(code) &&
    new RegExp(`\\+\\+\\s*[\\w$.]*${pattern.replace(/^\(\?<![^)]*\)/, '')}|${pattern}[^\\n]*\\+`).test(code);
  return raised && !down.test(code);
}

/** `const n = ++calls;`: a local name for the count. */
function aliasesOf(counter: Counter, code: string): Counter[] {
  if (counter.kind !== 'number') return [];
  const assigned = new RegExp(`^\\s+(?:(?:const|let|var)\\s+)?([\\w$]+)\\s*=\\s*[^;=\\n]*${counter.pattern}`, 'gm');
  return [...code.matchAll(assigned)]
    .map((it) => it[1] ?? '')
    .filter((name) => name !== counter.name)
    .map((name) => ({ name: counter.name, kind: 'number', pattern: `(?<![\\w$.])${escape(name)}` }));
}
