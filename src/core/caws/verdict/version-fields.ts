/** What version 2 of a verdict has and version 1 has not, as far as its presence counts. */
interface VersionedParts {
  readonly version: 1 | 2;
  readonly judge?: unknown;
  readonly prev_verdict_sha256?: unknown;
  readonly clock: { readonly monotonic_ms?: unknown; readonly log_size_before?: unknown };
  readonly worker: {
    readonly prompt_sha256?: unknown;
    readonly transcript_sha256?: unknown;
    readonly output_sha256?: unknown;
    readonly tokens?: unknown;
    readonly cost_micro_usd?: unknown;
  } | null;
}

/**
 * Fields that a verdict of its version lacks, or that its version has not. A verdict of version 1 is read as it was
 * written; one of version 2 says of each field that it is not known (null), and never leaves it out.
 */
export function findVersionFaults(verdict: VersionedParts): { readonly path: string[]; readonly message: string }[] {
  const { version, clock, worker } = verdict;
  const fields: [string[], unknown][] = [
    [['judge'], verdict.judge],
    [['prev_verdict_sha256'], verdict.prev_verdict_sha256],
    [['clock', 'monotonic_ms'], clock.monotonic_ms],
    [['clock', 'log_size_before'], clock.log_size_before],
    ...(worker === null ? [] : workerFields(worker)),
  ];
  return fields
    .filter(([, value]) => (value === undefined) !== (version === 1))
    .map(([path]) => ({ path, message: version === 1 ? 'is not in version 1' : 'is missing from version 2' }));
}

function workerFields(worker: NonNullable<VersionedParts['worker']>): [string[], unknown][] {
  return [
    [['worker', 'prompt_sha256'], worker.prompt_sha256],
    [['worker', 'transcript_sha256'], worker.transcript_sha256],
    [['worker', 'output_sha256'], worker.output_sha256],
    [['worker', 'tokens'], worker.tokens],
    [['worker', 'cost_micro_usd'], worker.cost_micro_usd],
  ];
}
