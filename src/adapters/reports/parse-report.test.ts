import { fc, test } from '@fast-check/vitest';
import { schema } from 'mutation-testing-report-schema';
import { describe, expect, it } from 'vitest';
import type { ReportFormat } from '../../core/caws/arbiter-config.js';
import { reportFormatSchema } from '../../core/caws/arbiter-config.js';
import { isFault } from '../../core/fault.js';
import { mutantStatuses } from './mutation.js';
import { parseReport } from './parse-report.js';
import { repositoryPath, withoutRoot } from './report-path.js';

const read = (format: ReportFormat, text: string, root = '/box') =>
  parseReport(format, new TextEncoder().encode(text), { root }).report;

const covered = (path: string) => ({
  files: [
    {
      path,
      lines: new Map([
        [1, 4],
        [2, 0],
      ]),
      branches: [
        { line: 1, taken: 1 },
        { line: 1, taken: 0 },
      ],
    },
  ],
});

describe('coverage formats give the same facts', () => {
  it('lcov, as node:test and istanbul write it', () => {
    const text =
      'TN:\nSF:/box/src/a.js\nFN:1,f\nFNDA:4,f\nFNF:1\nFNH:1\nBRDA:1,0,0,1\nBRDA:1,0,1,0\nBRF:2\nBRH:1\nDA:1,4\nDA:2,0\nLF:2\nLH:1\nend_of_record\n';
    expect(read('lcov', text)).toEqual(covered('src/a.js'));
    expect(
      read(
        'lcov',
        text.replaceAll('\n', '\r\n').replace('/box/src/a.js', String.raw`C:\box\src\a.js`),
        String.raw`C:\box`,
      ),
    ).toEqual(covered('src/a.js'));
  });

  it('lcov, as coverage.py writes it: names for branches, a dash for a branch never reached', () => {
    const text =
      'SF:src/a.py\nDA:1,4,abc\nDA:2,0,def\nLF:2\nLH:1\nBRDA:1,0,jump to line 2,1\nBRDA:1,0,exit the function,-\nBRF:2\nBRH:1\nend_of_record\n';
    expect(read('lcov', text)).toEqual(covered('src/a.py'));
  });

  it('Istanbul JSON, its implicit else without a place', () => {
    const at = (line: number) => ({ start: { line, column: 0 }, end: { line, column: null } });
    const file = {
      path: '/box/src/a.js',
      statementMap: { 0: at(1), 1: at(2) },
      fnMap: {},
      branchMap: { 0: { loc: at(1), type: 'if', locations: [at(1), { start: {}, end: {} }], line: 1 } },
      s: { 0: 4, 1: 0 },
      f: {},
      b: { 0: [1, 0] },
    };
    expect(read('istanbul', JSON.stringify({ [file.path]: file }))).toEqual(covered('src/a.js'));
  });

  const cobertura = (source: string, filename: string) =>
    `<?xml version="1.0" ?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
    <coverage lines-valid="2" branches-valid="2"><sources><source>${source}</source></sources><packages><package name="p"><classes>
    <class name="a" filename="${filename}"><methods><method name="f" hits="1"><lines><line number="1" hits="1"/></lines></method></methods>
    <lines><line number="1" hits="4" branch="true" condition-coverage="50% (1/2)"/><line number="2" hits="0" branch="false"/></lines></class>
    </classes></package></packages></coverage>`;

  it.each([
    ['/box', 'src/a.js'],
    ['/box/src', 'a.js'],
    ['.', 'src/a.js'],
    ['/elsewhere', '/box/src/a.js'],
  ])('Cobertura with the source %s and the file %s', (source, filename) => {
    expect(read('cobertura', cobertura(source, filename))).toEqual(covered('src/a.js'));
  });

  it('leaves out what is not in the repository, and takes the lower of two counts', () => {
    const section = (path: string, hits: number) => `SF:${path}\nDA:1,${hits}\nend_of_record\n`;
    const report = read(
      'lcov',
      section('/usr/lib/x.js', 1) + section('../y.js', 1) + section('a.js', 3) + section('./a.js', 0),
    );
    expect(report).toEqual({ files: [{ path: 'a.js', lines: new Map([[1, 0]]), branches: [] }] });
  });
});

describe('mutation reports', () => {
  const mutant = (id: string, status: string, line: number) => ({
    id,
    mutatorName: 'Eq',
    replacement: '!==',
    status,
    location: { start: { line, column: 1 }, end: { line, column: 3 } },
  });

  it('give outcomes; an ignored mutant survived, and one that does not compile is invalid', () => {
    const mutants = [
      mutant('1', 'Survived', 9),
      mutant('2', 'Killed', 1),
      mutant('3', 'Ignored', 2),
      mutant('4', 'CompileError', 3),
      mutant('5', 'Timeout', 4),
      mutant('6', 'NoCoverage', 5),
      mutant('7', 'RuntimeError', 6),
    ];
    const report = read(
      'mutation',
      JSON.stringify({
        schemaVersion: '2.0',
        thresholds: {},
        files: { 'src/a.ts': { language: 'ts', source: '', mutants } },
      }),
    );
    const lines =
      'mutants' in report
        ? report.mutants.map((one) => `${one.path}:${one.line} ${one.outcome} ${one.description}`)
        : [];
    expect(lines).toEqual([
      'src/a.ts:1 killed Eq: !==',
      'src/a.ts:2 survived Eq: !==',
      'src/a.ts:3 invalid Eq: !==',
      'src/a.ts:4 timeout Eq: !==',
      'src/a.ts:5 no-coverage Eq: !==',
      'src/a.ts:6 invalid Eq: !==',
      'src/a.ts:9 survived Eq: !==',
    ]);
  });

  it('know every status of the published schema', () => {
    const text = JSON.stringify(schema);
    const statuses = /"status":\{[^{}]*"enum":\[([^\]]*)\]/.exec(text)?.[1] ?? '';
    expect(JSON.parse(`[${statuses}]`)).toEqual(expect.arrayContaining([...mutantStatuses]));
    expect([...mutantStatuses].sort()).toEqual((JSON.parse(`[${statuses}]`) as string[]).sort());
  });
});

describe('SARIF', () => {
  it('takes levels from result, rule or default, security severity from either, and suppressed results too', () => {
    const at = (uri: string, startLine: number) => [
      { physicalLocation: { artifactLocation: { uri }, region: { startLine } } },
    ];
    const document = {
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'scan',
              rules: [
                { id: 'sql', properties: { 'security-severity': '9.8' } },
                { id: 'hash', defaultConfiguration: { level: 'error' } },
              ],
            },
          },
          results: [
            { ruleId: 'sql', message: { text: 'query' }, locations: at('file:///box/src/a.js', 3) },
            {
              ruleIndex: 1,
              message: { text: 'md5' },
              locations: at('src/b%20c.js', 4),
              suppressions: [{ kind: 'inSource' }],
            },
            { ruleId: 'odd', message: { markdown: '*x*' } },
            { ruleId: 'fine', kind: 'pass', message: { text: 'ok' } },
            { ruleId: 'none', level: 'none', message: { text: 'n' } },
          ],
        },
      ],
    };
    expect(read('sarif', JSON.stringify(document))).toEqual({
      issues: [
        { ruleId: 'sql', level: 'critical', message: 'query', path: 'src/a.js', line: 3 },
        { ruleId: 'hash', level: 'error', message: 'md5', path: 'src/b c.js', line: 4 },
        { ruleId: 'odd', level: 'warning', message: '*x*', path: null, line: null },
        { ruleId: 'none', level: 'note', message: 'n', path: null, line: null },
      ],
    });
  });
});

describe('paths', () => {
  it.each([
    ['/box/src/a.js', '/box', 'src/a.js'],
    ['/box/src/a.js', '/box/', 'src/a.js'],
    ['/boxer/src/a.js', '/box', null],
    ['file:///box/a.js', '/box', 'a.js'],
    ['file:///C:/Box/a.js', String.raw`C:\box`, 'a.js'],
    [String.raw`src\a.js`, '/box', 'src/a.js'],
    ['./src/../a.js', '/box', 'a.js'],
    ['../a.js', '/box', null],
    ['/box/../etc/passwd', '/box', null],
    ['', '/box', null],
    ['/box', '/box', null],
  ])('%s under %s is %s', (raw, root, expected) => {
    expect(repositoryPath(raw, root)).toBe(expected);
  });

  it('lose the root wherever it stands in a text', () => {
    expect(withoutRoot('loads /box/a.js and file:///box/b.js', '/box')).toBe('loads a.js and b.js');
    expect(withoutRoot('as it is', '')).toBe('as it is');
  });
});

describe('laws of reading', () => {
  const whole: Readonly<Record<ReportFormat, string>> = {
    junit:
      '<testsuites><testsuite name="s" tests="2"><testcase name="a"/><testcase name="b"><failure message="m"/></testcase></testsuite></testsuites>',
    ctrf: '{"results": {"summary": {"tests": 1, "passed": 1, "failed": 0, "pending": 0, "skipped": 0, "other": 0}, "tests": [{"name": "a", "status": "passed"}]}}',
    lcov: 'SF:a.js\nDA:1,1\nLF:1\nend_of_record',
    istanbul: '{"a.js": {"path": "a.js", "statementMap": {}, "fnMap": {}, "branchMap": {}, "s": {}, "f": {}, "b": {}}}',
    cobertura:
      '<coverage><packages><package><classes><class filename="a.py"><lines/></class></classes></package></packages></coverage>',
    mutation: '{"schemaVersion": "2", "files": {"a.js": {"mutants": []}}}',
    sarif: '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "s"}}, "results": []}]}',
  };

  it.each(reportFormatSchema.options)('%s reads whole, and is refused wherever it is cut', (format) => {
    expect(() => read(format, whole[format])).not.toThrow();
    for (let length = 0; length < whole[format].length; length += 1) {
      expect(faultOf(format, new TextEncoder().encode(whole[format].slice(0, length)))).toBe('REPORT_UNPARSEABLE');
    }
  });

  it.each(reportFormatSchema.options)('%s is refused by every other format’s reader', (format) => {
    for (const other of reportFormatSchema.options) {
      if (other !== format) expect(faultOf(other, new TextEncoder().encode(whole[format]))).toBe('REPORT_UNPARSEABLE');
    }
  });

  test.prop([fc.constantFrom(...reportFormatSchema.options), fc.nat(), fc.integer({ min: 0, max: 255 })])(
    'a changed byte is read or refused, and throws nothing else',
    (format, at, byte) => {
      const bytes = new TextEncoder().encode(whole[format]);
      bytes[at % bytes.length] = byte;
      expect(['read', 'REPORT_UNPARSEABLE']).toContain(faultOf(format, bytes));
    },
  );

  test.prop([fc.constantFrom(...reportFormatSchema.options), fc.oneof(fc.string(), fc.json())])(
    'any text is read or refused',
    (format, text) => {
      expect(['read', 'REPORT_UNPARSEABLE']).toContain(faultOf(format, new TextEncoder().encode(text)));
    },
  );
});

function faultOf(format: ReportFormat, bytes: Uint8Array): string {
  try {
    parseReport(format, bytes, { root: '/box' });
    return 'read';
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
}
