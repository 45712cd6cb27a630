/** State that outlives a call. `pattern` is its name as a regular expression. */
export interface Counter {
  readonly name: string;
  readonly pattern: string;
  readonly kind: 'number' | 'flag' | 'queue' | 'set';
}

type Kind = Counter['kind'];

/** Each way to keep state: the name is the first group that matched, the initial value the last. */
const declarations: readonly (readonly [pattern: RegExp, prefix: string])[] = [
  [/^(?:export\s+)?(?:let|var)\s+([\w$]+)(?:\s*:\s*[\w<>]+)?\s*=\s*(-?\d+|true|false)\s*;?\s*$/gm, '(?<![\\w$.])'],
  [/^([A-Za-z_]\w*)(?:\s*:\s*\w+)?\s*=\s*(-?\d+|True|False)\s*$/gm, '(?<![\\w$.])'],
  [/^\s+(?:private\s+|public\s+)?static\s+(#?[\w$]+)(?:\s*:\s*\w+)?\s*=\s*(-?\d+|true|false)\b/gm, '\\.'],
];
/** A field of a class: it counts only where `this.` reads it. */
const fields = /^\s+(?:private\s+)?(#?[\w$]+)(?:\s*:\s*number)?\s*=\s*(-?\d+)\s*;?\s*$/gm;
/** A local of a function that gives back a function: the state of a closure. */
const closures =
  /^\s+(?:let|var)\s+([\w$]+)\s*=\s*(-?\d+)\s*;?\s*\n\s+return\s+(?:async\s+)?(?:function\b|\(|[\w$]+\s*=>)/gm;
const sets = /^(?:const|let|var)\s+([\w$]+)(?:\s*:[^=\n]{0,80})?\s*=\s*new (?:Weak)?Set\(\s*\)/gm;
const held =
  /^(?:export\s+)?(?:(?:const|let|var)\s+)?([\w$]+)(?:\s*:[^=\n]{0,80})?\s*=\s*\{([^{}]{0,300})\}\s*;?\s*$/gm;
const queues = /^(?:export\s+)?(?:(?:const|let|var)\s+)?([\w$]+)(?:\s*:[^=\n]{0,80})?\s*=\s*\[\s*(?=[-\d"'`{[tTfF])/gm;
const ownCount = /(?<![\w$.])([\w$]+\.[\w$]+)\s*=\s*\(?\s*\1\s*(?:\?\?|\|\||or)\s*0\s*\)?\s*\+\s*1/g;
const property =
  /(?<![\w$.])((?:globalThis|global|window)\.[\w$]+|[\w$]+\.(?:\w{0,20}(?:calls?|count|counter|times|invocations?|hits|n)))\s*(?:\+\+|\+=\s*1)/gi;
const maps = /(?<![\w$.])([\w$]+)\.set\(\s*[\w$.]+\s*,\s*\(?\s*\(?\s*\1\.get\(/g;

function groupsOf(code: string, pattern: RegExp): readonly (readonly [name: string, rest: string])[] {
  return [...code.matchAll(pattern)].map((found) => [found[1] ?? '', found[2] ?? ''] as const);
}

function declaredIn(code: string): readonly Counter[] {
  const plain = declarations.flatMap(([pattern, prefix]) =>
    groupsOf(code, pattern).map(([name, value]) =>
      counter(name, /\d/.test(value) ? 'number' : 'flag', `${prefix}${escape(name)}`),
    ),
  );
  const members = groupsOf(code, held).flatMap(([name, inner]) =>
    groupsOf(inner, /([\w$]+)["']?\s*:\s*0\b/g).map(([field]) => counter(`${name}.${field}`, 'number')),
  );
  const lists = groupsOf(code, queues).map(([name]) => counter(name, 'queue'));
  const properties = [ownCount, property].flatMap((pattern) =>
    groupsOf(code, pattern).map(([name]) => counter(name, 'number')),
  );
  const kept = groupsOf(code, maps).map(([name]) => counter(name, 'number', `${escape(name)}\\.get\\([^)]*\\)`));
  const own = groupsOf(code, fields).map(([name]) => counter(name, 'number', `this\\.${escape(name)}(?![\\w$])`));
  const enclosed = groupsOf(code, closures).map(([name]) => counter(name, 'number'));
  const seen = groupsOf(code, sets).map(([name]) => counter(name, 'set'));
  return [...plain, ...members, ...lists, ...properties, ...kept, ...own, ...enclosed, ...seen];
}

function counter(name: string, kind: Kind, pattern = `(?<![\\w$.])${escape(name)}`): Counter {
  return { name, kind, pattern };
}

/** Names of a file that are looked at; a file with more state than this is no ordinary source. */
const countersPerFile = 50;

/** Counters, flags and queues in a text of code without comments; only those that something in it moves. */
export function countersOf(code: string): readonly Counter[] {
  const names = new Map(
    declaredIn(code)
      .toReversed()
      .map((it) => [it.name, it]),
  );
  const moving = [...names.values()]
    .slice(0, countersPerFile)
    .filter((it) => it.kind !== 'number' || isCounting(it, code));
  return [...moving, ...moving.flatMap((it) => aliasesOf(it, code))];
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
function aliasesOf({ name: counted, kind, pattern }: Counter, code: string): Counter[] {
  if (kind !== 'number') return [];
  const assigned = new RegExp(`^\\s+(?:(?:const|let|var)\\s+)?([\\w$]+)\\s*=\\s*[^;=\\n]*${pattern}`, 'gm');
  const names = groupsOf(code, assigned).map(([name]) => name);
  return names.filter((name) => name !== counted).map((name) => ({ ...counter(name, 'number'), name: counted }));
}
