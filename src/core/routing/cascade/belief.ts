import { type Outlook, checkOutlook, narrowOutlook, refuse } from './outlook.js';
import { type Verifier, acceptance } from './verifier.js';

/**
 * The outlook once the candidates of `refused` did not pass: rows on which that was likely weigh more, and the refused
 * agents are gone. It is what a cascade goes on with after each refusal; success of the next step falls as it should,
 * because arms fail together. Where the refusals were impossible (probability 0), weights stay as they were.
 * @throws CASCADE_INPUT_INVALID for an agent that the outlook has not, and where no agent is left
 */
export function outlookAfterRefusals(outlook: Outlook, verifier: Verifier, refused: readonly string[]): Outlook {
  const gone = refused.map((agent) => {
    const found = outlook.agents.indexOf(agent);
    if (found < 0) throw refuse(`${agent} was refused, but nothing is known of it`);
    return found;
  });
  const likelihood = outlook.weight.map((weight, row) =>
    gone.reduce((share, arm) => share * (1 - acceptance(outlook.success[arm]?.[row] ?? 0, verifier)), weight),
  );
  const total = likelihood.reduce((sum, value) => sum + value, 0);
  const kept = outlook.agents.flatMap((_, arm) => (gone.includes(arm) ? [] : [arm]));
  const weight = total > 0 ? likelihood.map((value) => value / total) : outlook.weight;
  return checkOutlook({ ...narrowOutlook(outlook, kept), weight });
}
