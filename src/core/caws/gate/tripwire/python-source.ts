import type { TripwireTest, TripwireWay } from './tripwire-test.js';

/** Text of a tripwire for pytest. `modules` are paths of files relative to the file itself. */
export function pytestSource(tests: readonly TripwireTest[], modules: readonly string[]): string {
  return [
    'import importlib',
    'import importlib.util',
    'import pathlib',
    'import sys',
    'import unittest',
    '',
    'import pytest',
    '',
    'HERE = pathlib.Path(__file__).resolve().parent',
    `MODULES = ${JSON.stringify(modules)}`,
    'FAILURES = []',
    '',
    '',
    // The name under which the tests themselves import the file, so that it is not loaded a second time.
    'def dotted(path):',
    '    parts = [path.stem] if path.stem != "__init__" else []',
    '    folder = path.parent',
    '    while (folder / "__init__.py").exists():',
    '        parts.insert(0, folder.name)',
    '        folder = folder.parent',
    '    return folder, ".".join(parts)',
    '',
    '',
    'for name in MODULES:',
    '    path = (HERE / name).resolve()',
    '    try:',
    '        folder, module = dotted(path)',
    '        if str(folder) not in sys.path:',
    '            sys.path.append(str(folder))',
    '        importlib.import_module(module)',
    '    except Exception as error:',
    '        FAILURES.append(name + ": " + repr(error)[:200])',
    '',
    'NOTE = " all loaded" if not FAILURES else " not loaded: " + "; ".join(FAILURES)',
    '',
    ...tests.flatMap((test) => [
      '',
      `def ${test.title}():`,
      `    ${failureOf(test.way, `"${test.nonce}" + NOTE`)}`,
      '',
    ]),
  ].join('\n');
}

/** Text to put at the end of a test file that is there already. */
export function pytestAddition(tests: readonly TripwireTest[], word: string): string {
  return [
    '',
    `import unittest as ${word}_unittest`,
    '',
    `import pytest as ${word}_pytest`,
    '',
    ...tests.flatMap((test) => [
      '',
      `def ${test.title}():`,
      `    ${failureOf(test.way, `"${test.nonce} planted"`, `${word}_`)}`,
      '',
    ]),
  ].join('\n');
}

function failureOf(way: TripwireWay, note: string, names = ''): string {
  switch (way) {
    case 'throw':
      return `raise RuntimeError(${note})`;
    case 'assert':
      return `assert 1 == 2, ${note}`;
    case 'strict':
      return `${names}unittest.TestCase().assertEqual(1, 2, ${note})`;
    case 'rejection':
      return `${names}pytest.fail(${note})`;
  }
}
