import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangedFile } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { noNotes } from './change-notes.js';
import { examineChangeTampering, examineFileTampering } from './examine-tampering.js';
import { tamperRules } from './index.js';
import type { TamperContext } from './tamper-rule.js';

function fileOf(path: string): ChangedFile {
  return {
    status: 'A',
    oldPath: null,
    newPath: path,
    added: 1,
    removed: 0,
    binary: false,
    oldMode: null,
    newMode: '100644',
    oldBlob: null,
    newBlob: 'b',
    longLineSurplus: 0,
  };
}

function addedFile(path: string, text: string): FileFacts {
  const addedLines = text.split('\n').map((line, index) => ({ line: index + 1, text: line }));
  return {
    file: fileOf(path),
    oldText: null,
    newText: text,
    addedLines,
    removedLines: [],
    oldSyntax: null,
    newSyntax: null,
  };
}

function contextOf(files: readonly FileFacts[]): TamperContext {
  const change = {
    base: '',
    baseTree: '',
    head: null,
    tree: '',
    contentSha256: '',
    files: files.map((facts) => facts.file),
    totals: { files: files.length, added: 0, removed: 0, loc: 0 },
  };
  return { change, spec: null, admission: null };
}

function examineAll(files: readonly FileFacts[]): unknown {
  const context = contextOf(files);
  const examined = files.map((facts) => examineFileTampering(facts, context));
  const across = examineChangeTampering(
    examined.map((it_) => it_.notes),
    context,
  );
  return { findings: examined.map((it_) => it_.findings), across };
}

const paths = [
  'src/a.ts',
  'app/a.py',
  'test/a.test.js',
  'package.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'pyproject.toml',
  'Cargo.lock',
  'go.mod',
  'requirements.txt',
  'README.md',
  'Makefile',
  '.gitattributes',
];

describe('tamperRules', () => {
  it('have one id each, and D16 may block while D18 only advises', () => {
    expect(new Set(tamperRules.map((rule) => rule.id)).size).toBe(tamperRules.length);
    expect(tamperRules.find((rule) => rule.id === 'D16')?.severity).toBe('block');
    expect(tamperRules.find((rule) => rule.id === 'D18')?.severity).toBe('advisory');
  });
});

describe('examineFileTampering', () => {
  const piece = fc.constantFrom(
    'if (a === "x") return 3;',
    '{',
    '}',
    '[',
    '"',
    "'",
    '`',
    '${',
    '//',
    '/*',
    '\n',
    '#',
    ';',
    ',',
    ' ',
    '\u202e',
    '\u{e0041}',
    'a',
    '=',
    '<!--',
    '[dependencies]',
    'x@1:',
    '\\',
  );

  test.prop([fc.constantFrom(...paths), fc.array(piece, { maxLength: 60 })])(
    'is total and gives the same twice',
    (path, pieces) => {
      const facts = addedFile(path, pieces.join(''));
      expect(examineAll([facts])).toEqual(examineAll([facts]));
    },
  );

  it.each(paths)(
    'reads a hostile %s of 200,000 characters to its end',
    (path) => {
      const hostile = [
        '[',
        '"',
        '(',
        'a',
        ' ',
        '{a:0',
        '<!-- ',
        'a.b',
        "['",
        'if(',
        ': 0',
        ';',
        '/',
        '`${',
        'x = [\n',
        '{\n',
        '"a" ',
        'copyright 2020 ',
        '\u{e0041}',
        '{"a":',
        '=\n',
      ];
      for (const text of hostile) {
        const facts = addedFile(path, text.repeat(Math.ceil(200_000 / text.length)));
        expect(examineFileTampering(facts, contextOf([facts])).findings.length).toBeLessThan(1000);
      }
    },
    30_000,
  );

  it('reports a line of source that is too long to be read, and nothing of a short one', () => {
    const long = addedFile('src/a.js', `const a = [${'1,'.repeat(2000)}];`);
    const short = addedFile('src/a.js', 'const a = [1, 2];');
    const messages = (facts: FileFacts) =>
      examineFileTampering(facts, contextOf([facts])).findings.map((it_) => it_.message);
    expect(messages(long)).toContain('holds a line too long to be read');
    expect(messages(short)).toEqual([]);
  });
});

describe('examineChangeTampering', () => {
  it('finds nothing where there are no notes', () => {
    expect(examineChangeTampering([], contextOf([]))).toEqual([]);
    expect(examineChangeTampering([noNotes], contextOf([]))).toEqual([]);
  });

  it('does not mind the order of the files', () => {
    const files = [
      addedFile('src/a.js', 'if (n === 10) return 55;'),
      addedFile('src/b.js', '// Copyright (c) 2020 Someone Else\nexport const b = 1;'),
      addedFile('package.json', '{"dependencies": {"a": "1"}}'),
    ];
    const notes = files.map((facts) => examineFileTampering(facts, contextOf(files)).notes);
    const forward = examineChangeTampering(notes, contextOf(files));
    expect(forward.length).toBeGreaterThan(0);
    expect(examineChangeTampering(notes.toReversed(), contextOf(files))).toEqual(forward);
  });
});
