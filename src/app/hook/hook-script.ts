/** What a hook of ours calls, and how strictly. */
export interface HookPlan {
  readonly kind: 'server' | 'client';
  readonly node: string;
  readonly main: string;
  readonly protect: readonly string[];
  readonly root: string | null;
  readonly allowLocal: boolean;
}

/** The line by which a hook of ours is known. */
export const hookMark = '# made by arbiter hook install';

/** Name of the hook's file. */
export function hookName(kind: HookPlan['kind']): 'pre-receive' | 'pre-push' {
  return kind === 'server' ? 'pre-receive' : 'pre-push';
}

/**
 * The hook as a shell script without any rule of its own: it hands the updates to Arbiter. A server's hook refuses when
 * Arbiter cannot be found; a client's only says so.
 */
export function renderHook(plan: HookPlan): string {
  const server = plan.kind === 'server';
  const flags = [
    ...plan.protect.map((ref) => `--protect ${quote(ref)}`),
    ...(plan.root === null ? [] : [`--root ${quote(plan.root)}`]),
    ...(plan.allowLocal ? ['--allow-local'] : []),
    ...(server ? [] : ['--advisory']),
  ].join(' ');
  return `#!/bin/sh
${hookMark} --${plan.kind}; to take it away, remove this file
node=${quote(plan.node)}
main=${quote(plan.main)}
if [ ! -x "$node" ] || [ ! -f "$main" ]; then
  echo "arbiter: this hook cannot find arbiter at $main: ${server ? 'the push is refused' : 'the push was not checked'}" >&2
  echo "  to repair it, install arbiter again and run: arbiter hook install --${plan.kind} -C REPOSITORY" >&2
  exit ${server ? 1 : 0}
fi
${server ? serverCall(flags) : clientCall(flags)}
`;
}

function serverCall(flags: string): string {
  return `if [ -n "$GIT_QUARANTINE_PATH" ]; then
  exec "$node" "$main" hook receive -C . ${flags} --quarantine "$GIT_QUARANTINE_PATH"
fi
exec "$node" "$main" hook receive -C . ${flags}`;
}

function clientCall(flags: string): string {
  return `"$node" "$main" hook receive -C . ${flags} >&2 || true
exit 0`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
