import { createRequire } from 'node:module';
import type { SyntaxFacts } from '../../core/caws/syntax-facts.js';
import type { Syntax } from '../../ports/syntax.js';
import { freezeDeep } from '../../core/freeze-deep.js';
import { extractJavascript } from './javascript/extract-javascript.js';
import { matcherFor } from './javascript/kinds.js';
import { extractPython } from './python/extract-python.js';
import { pythonMatcher } from './python/kinds.js';
import { buildTree, type ParsedNode } from './source-tree.js';

type Grammar = 'JavaScript' | 'TypeScript' | 'Tsx' | 'python';

const grammars: Readonly<Record<string, Grammar>> = {
  js: 'JavaScript',
  jsx: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  ts: 'TypeScript',
  mts: 'TypeScript',
  cts: 'TypeScript',
  tsx: 'Tsx',
  py: 'python',
  pyi: 'python',
};

/** A text longer than this is not parsed: its facts are empty, with `errorLines` `[1]`. */
export const maxSourceLength = 512 * 1024;

interface Parser {
  parse(grammar: string, text: string): { root(): ParsedNode };
  registerDynamicLanguage(languages: Record<string, unknown>): void;
}

/**
 * Facts by ast-grep (tree-sitter) for JavaScript, TypeScript and Python. The native parser is loaded at the first
 * `extract`, so that creating this costs nothing.
 */
export function createSyntax(): Syntax {
  // Who serves tasks reads the same files of a base, and of a candidate that is examined again, time after time.
  const known = new Map<string, SyntaxFacts>();
  return {
    covers: (path) => grammarOf(path) !== undefined,
    extract: (path, text) => {
      const grammar = grammarOf(path);
      if (grammar === undefined || text.length > maxSourceLength) return emptyFacts(grammar);
      if (text.length > keptLength) return extractFacts(grammar, text);
      const key = `${grammar} ${text}`;
      const facts = known.get(key) ?? freezeDeep(extractFacts(grammar, text));
      known.delete(key);
      known.set(key, facts);
      const [oldest] = known.keys();
      if (known.size > keptTexts && oldest !== undefined) known.delete(oldest);
      return facts;
    },
  };
}

/** Facts of so many texts, none longer than that, stay known: a few megabytes at most. */
const keptTexts = 64;
const keptLength = 32 * 1024;

function grammarOf(path: string): Grammar | undefined {
  return grammars[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
}

function extractFacts(grammar: Grammar, text: string): SyntaxFacts {
  const root = loadParser().parse(grammar, text).root();
  if (grammar === 'python') return extractPython(buildTree(text, root, pythonMatcher));
  const tree = buildTree(text, root, matchers[grammar]);
  return extractJavascript(tree, grammar === 'JavaScript' ? 'javascript' : 'typescript');
}

const matchers = {
  JavaScript: matcherFor('JavaScript'),
  TypeScript: matcherFor('TypeScript'),
  Tsx: matcherFor('Tsx'),
};

let loaded: Parser | null = null;

/** Python's grammar may be registered only once in a process. */
function loadParser(): Parser {
  if (loaded !== null) return loaded;
  const require = createRequire(import.meta.url);
  const parser = require('@ast-grep/napi') as Parser;
  parser.registerDynamicLanguage({ python: require('@ast-grep/lang-python') as unknown });
  loaded = parser;
  return parser;
}

function emptyFacts(grammar: Grammar | undefined): SyntaxFacts {
  return {
    language: grammar === 'python' ? 'python' : grammar === 'JavaScript' ? 'javascript' : 'typescript',
    errorLines: [1],
    tests: [],
    assertions: [],
    calls: [],
    imports: [],
    assignments: [],
    conditions: [],
    functions: [],
    catches: [],
    comments: [],
    exports: [],
  };
}
