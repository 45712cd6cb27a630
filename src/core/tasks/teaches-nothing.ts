/**
 * Faults of this machine, of who took an agent away from its task, an agent that was not asked, and work that was called off:
 * none is the better or the worse for them.
 */
const codes: ReadonlySet<string> = new Set([
  'AGENT_CANCELLED',
  'AGENT_MISSING',
  'AGENT_RESTING',
  'CLONE_LOST',
  'SANDBOX_FAILED',
  'WORK_UNMEASURABLE',
]);

/** Whether a failure with such a code says nothing about who worked. */
export function teachesNothing(code: string): boolean {
  return codes.has(code);
}
