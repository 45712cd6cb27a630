/** What a test report says, whatever its format. Ids are `file::suite > title` as far as the format gives them. */
export interface TestReport {
  readonly tests: readonly {
    readonly id: string;
    readonly outcome: 'passed' | 'failed' | 'skipped' | 'error';
    readonly message: string | null;
    readonly file: string | null;
  }[];
}

/** Coverage by path relative to the repository root. `line` and `branch` map a line number to hits. */
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
