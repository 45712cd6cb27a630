import type { CascadeReport } from './cascade-report.js';
import { drawChart } from './chart.js';
import { chartName } from './page.js';
import type { Played } from './play.js';

/** A file of the page: its name, and its text. */
export interface Drawing {
  readonly name: string;
  readonly svg: string;
}

/** Regret so far of each contender, over the steps of a setting. */
export function drawPlayed(set: string, played: Played): Drawing {
  const svg = drawChart({
    title: `${set}, ${played.setting}: regret so far, mean of the seeds`,
    x: 'tasks',
    y: 'successes behind the reference',
    lines: played.standings.map(({ contender, curve }) => ({
      name: contender,
      points: curve.map((lost, at) => [(at * played.steps) / (curve.length - 1), lost] as const),
    })),
  });
  return { name: chartName(set, played.setting), svg };
}

/** The learned front of one split, the best arm, and what the plans came to on tasks that they were not learned on. */
export function drawCascades(report: CascadeReport): Drawing {
  const { ends, best } = report;
  const dot = (name: string, of: { success: { mean: number }; costUsd: { mean: number } }) => ({
    name,
    points: [[of.costUsd.mean, of.success.mean] as const],
  });
  const svg = drawChart({
    title: `${report.set}: plans on tasks that they were not learned on`,
    x: 'dollars a task',
    y: 'success, % of tasks',
    lines: [
      { name: 'front as learned, one split', points: report.front.map(([usd, share]) => [usd, 100 * share] as const) },
    ],
    dots: [
      dot('best arm, unjudged', best),
      dot('most success for no more', ends.better),
      dot('no worse, for least', ends.cheaper),
      dot('at most a point worse', ends.near),
      dot('if the verdict never erred', ends.perfect),
    ],
  });
  return { name: chartName(report.set, 'cascades', report.without.length), svg };
}
