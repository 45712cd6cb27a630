/** Codes of faults in reading a report (constitution §4 rule 3: unparseable is FAIL). */
export type ReportFaultCode = 'REPORT_UNPARSEABLE';

/** A report longer than this is refused before it is decoded (constitution §4 rule 8). */
export const maxReportBytes = 64 * 1024 * 1024;

export type TestOutcome = 'passed' | 'failed' | 'skipped' | 'error';

/**
 * One test case. `id` is `file::suite > title` as far as the format gives those parts, unique in its report: of tests
 * with one id the second is `id #2`. `title` is the case's own name, by which a tripwire is known again.
 * `message` is cut at 2,000 characters.
 */
export interface TestCase {
  readonly id: string;
  readonly title: string;
  readonly outcome: TestOutcome;
  readonly message: string | null;
  /** Path relative to the repository root, null where the format does not tell. */
  readonly file: string | null;
}

/** What a test report says, whatever its format. */
export interface TestReport {
  readonly tests: readonly TestCase[];
}

/**
 * Coverage by path relative to the repository root; paths outside the repository are left out. `lines` maps a line
 * number to hits; each branch outcome has its own entry, `taken` counts how often.
 */
export interface CoverageReport {
  readonly files: readonly {
    readonly path: string;
    readonly lines: ReadonlyMap<number, number>;
    readonly branches: readonly { readonly line: number; readonly taken: number }[];
  }[];
}

export interface MutationReport {
  readonly mutants: readonly {
    readonly path: string;
    readonly line: number;
    readonly description: string;
    readonly outcome: 'killed' | 'survived' | 'no-coverage' | 'timeout' | 'invalid';
  }[];
}

export interface IssueReport {
  readonly issues: readonly {
    readonly ruleId: string;
    readonly level: 'critical' | 'error' | 'warning' | 'note';
    readonly message: string;
    readonly path: string | null;
    readonly line: number | null;
  }[];
}

export type ParsedReport =
  | { readonly kind: 'tests'; readonly report: TestReport }
  | { readonly kind: 'coverage'; readonly report: CoverageReport }
  | { readonly kind: 'mutation'; readonly report: MutationReport }
  | { readonly kind: 'issues'; readonly report: IssueReport };
