import type { ArmState } from '../policy.js';

type Drift = ArmState['drift'];
type Side = Drift['rise'];

// A change of less than twice this in the mean reward is not looked for: half the smallest change that matters.
const allowance = 0.1;

const silent: Side = { evidence: 0, count: 0, reward: 0 };

/** The detector of an arm that has no outcome yet. */
export const noDrift: Drift = { count: 0, mean: 0, rise: silent, fall: silent };

/**
 * Takes one more reward into the detector: evidence of a rise is max(0, evidence + reward − mean − 0.1), that of a fall
 * its mirror image.
 * @see Page, "Continuous inspection schemes", Biometrika 41 (1954), doi:10.1093/biomet/41.1-2.100
 */
export function watchReward(drift: Drift, reward: number): Drift {
  const count = drift.count + 1;
  const mean = drift.mean + (reward - drift.mean) / count;
  return {
    count,
    mean,
    rise: step(drift.rise, reward - mean - allowance, reward),
    fall: step(drift.fall, mean - reward - allowance, reward),
  };
}

function step(side: Side, change: number, reward: number): Side {
  const evidence = side.evidence + change;
  return evidence <= 0 ? silent : { evidence, count: side.count + 1, reward: side.reward + reward };
}

/** The rewards since the change where one side has more evidence than the threshold, else null. */
export function findChange(drift: Drift, above: number | null): { count: number; reward: number } | null {
  if (above === null) return null;
  const side = drift.fall.evidence >= drift.rise.evidence ? drift.fall : drift.rise;
  return side.evidence > above ? side : null;
}
