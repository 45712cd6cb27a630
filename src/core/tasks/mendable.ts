/** Rules that no worker can satisfy: a person's review, a gate or law that only a human may write, a gate that cannot run. */
const humanRules = /^(review|spec|policy|arbiter-config|trust)\.|^gate\.(required|not-run)$|^measure\./;

/** Whether giving a candidate back could lift a finding of this rule. */
export function canWorkerMend(rule: string): boolean {
  return !humanRules.test(rule);
}
