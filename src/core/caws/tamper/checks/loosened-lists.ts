import { lineWith, type Loosening } from './check-config.js';

const exclusions =
  /^(exclude|coveragePathIgnorePatterns|testPathIgnorePatterns|modulePathIgnorePatterns|omit|ignore|ignores|ignorePatterns|ignore_paths|ignore-paths|extend-ignore|extend_ignore|extend-exclude|norecursedirs|collect_ignore|collect_ignore_glob|exclude_lines|exclude_also|disable|exclude_dirs|coverageExclude|filterwarnings|per-file-ignores)$/;
const inclusions =
  /^(include|testMatch|testRegex|spec|testpaths|python_files|python_classes|python_functions|files|source|collectCoverageFrom|mutate|select|extend-select|enable)$/;
// Bounded, so that a text of opening brackets costs no square of its length.
const list = /(?<![\w-])["']?([A-Za-z][\w-]*)["']?\s*[:=]\s*\[([^\]]{0,4000})\]/g;
const multiline = /^([A-Za-z][\w-]*)[ \t]*=[ \t]*((?:[^\n[{]*)(?:\n[ \t]+\S[^\n]*)*)$/gm;
const generated =
  /(^|\/|\*)(dist|build|out|coverage|node_modules|\.?venv|\.git|\.cache|vendor|third_party|generated|__generated__|migrations|fixtures?|__fixtures__|\.next|storybook-static|target|examples?|docs?|bench(marks?)?|e2e|site-packages|\.tox|\.nox|__pycache__)(\/|$|\*)|\.d\.[cm]?ts|\.(config|conf|stories|generated|min|pb|gen)\.|_pb2|\.snap|\.json$|\.md$/i;

/** Exclusions that grew by something that is no output, and inclusions that shrank. */
export function loosenedLists(before: string, after: string, path: string): readonly Loosening[] {
  const [old, now] = [listsOf(before, path), listsOf(after, path)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => appliesTo(path, key));
  return keys.flatMap((key) => {
    const [was, is] = [old.get(key) ?? [], now.get(key) ?? []];
    const stood = new Set(was);
    const fresh = is.filter((entry) => !stood.has(entry) && !generated.test(entry));
    if (exclusions.test(key)) return fresh.length === 0 ? [] : [widened(key, fresh, after)];
    return inclusions.test(key) ? shrunk(key, was, is, after, fresh) : [];
  });
}

function shrunk(
  key: string,
  was: readonly string[],
  is: readonly string[],
  after: string,
  fresh: readonly string[],
): readonly Loosening[] {
  const stands = new Set(is);
  const lost = was.filter((entry) => !stands.has(entry) && !entry.startsWith('!'));
  const barred = fresh.filter((entry) => entry.startsWith('!'));
  const line = lineWith(after, key);
  const found: Loosening[] = [];
  if (lost.length > 0 && is.length > 0 && is.length < was.length) {
    found.push({ text: `"${key}" lost ${lost.slice(0, 5).join(', ')}`, line, mild: false });
  }
  if (isNarrowed(key, was, is)) {
    found.push({ text: `"${key}" is now only ${is.slice(0, 5).join(', ')}`, line, mild: true });
  }
  return barred.length === 0 ? found : [...found, widened(key, barred, after)];
}

const testChoice = /^(testMatch|testRegex|spec|testpaths|python_files|python_classes|python_functions)$/;

/** As many patterns as before, one of them with more letters and no fewer wildcards left out: it matches less. */
function isNarrowed(key: string, was: readonly string[], is: readonly string[]): boolean {
  const lost = was.filter((entry) => !is.includes(entry));
  const came = is.filter((entry) => !was.includes(entry));
  if (!testChoice.test(key) || lost.length === 0 || came.length === 0 || is.length > was.length) return false;
  const literal = (entry: string) => entry.replace(/[*?{}()[\]|!+@\\^$]/g, '').length;
  return Math.min(...came.map(literal)) > Math.max(...lost.map(literal));
}

function widened(key: string, added: readonly string[], after: string): Loosening {
  return {
    text: `"${key}" now also takes out ${added.slice(0, 5).join(', ')}`,
    line: lineWith(after, added[0] ?? key),
    mild: false,
  };
}

/** `files` and `exclude` of a manifest or a compiler say what is published or compiled, not what is tested. */
function appliesTo(path: string, key: string): boolean {
  if (/package\.json$/.test(path)) return !/^(files|exclude|include|ignore|source|enable|disable|select)$/.test(key);
  if (/[tj]sconfig[\w.-]*\.json$/.test(path)) return false;
  return true;
}

function listsOf(text: string, path: string): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  const add = (key: string, entries: readonly string[]): void => {
    const all = lists.get(key) ?? [];
    for (const entry of entries) if (entry !== '') all.push(entry);
    lists.set(key, all);
  };
  if (/ignore$/.test(path)) {
    add(
      'ignore',
      text.split('\n').map((line) => line.trim()),
    );
    return lists;
  }
  for (const [, key = '', inside = ''] of text.matchAll(list)) {
    add(
      key,
      [...inside.matchAll(/(["'`])((?:\\.|(?!\1)[^\\])*)\1|\/((?:[^/\\\n]|\\.)+)\//g)].map(
        (entry) => entry[2] ?? entry[3] ?? '',
      ),
    );
  }
  for (const [, key = '', value = ''] of text.matchAll(multiline)) {
    if (exclusions.test(key) || inclusions.test(key))
      add(
        key,
        value.split(/[\n,]/).map((entry) => entry.trim()),
      );
  }
  return lists;
}
