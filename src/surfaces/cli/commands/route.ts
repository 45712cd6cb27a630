import { z } from 'zod';
import type { RouteEvaluation, RouteExplanation } from '../../../app/routing/operations.js';
import type { RouteReplay } from '../../../app/routing/tell-decision.js';
import { policyOptionsSchema } from '../../../core/routing/policy-options.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf } from './command-surface.js';

const aboutOf = (flags: Flags): { id: string } => ({ id: textOf(flags, 'id') ?? '' });

export const routeExplainSurface: CommandSurface<{ id: string }, RouteExplanation> = {
  shape: aboutOf,
  show: showExplanation,
  exitCode: () => exitCodes.pass,
};

function showExplanation({ decisions }: RouteExplanation, terminal: Terminal): string {
  const shown = decisions.flatMap(({ decision, words }) => [
    paint(terminal, 'bold', `decision ${decision.id} for task ${decision.task_id}, attempt ${decision.attempt}`),
    ...words.map((line) => `  ${showForeign(line)}`),
    '',
  ]);
  return `${shown.join('\n')}\n`;
}

export const routeListSurface: CommandSurface<{ days?: number; limit?: number }, RouteExplanation> = {
  shape: (flags) => definedOnly({ days: numberOf(flags, 'days'), limit: numberOf(flags, 'limit') }),
  show({ decisions }, terminal) {
    if (decisions.length === 0) return 'no decisions yet: arbiter run without --agent makes one\n';
    const lines = decisions.map(({ decision, outcomes }) => {
      const came = outcomes.map(({ agent, verdict }) => `${agent} ${verdict ?? 'stopped'}`).join(', ');
      const at = new Date(decision.at_ms).toISOString().slice(0, 16);
      const { id, task_id: task, chosen, cause, plan } = decision;
      return `${paint(terminal, 'dim', at)} ${id} task ${task} ${cause}: ${chosen} (${plan.kind}) → ${came === '' ? 'open' : came}`;
    });
    return `${lines.join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

export const routeReplaySurface: CommandSurface<{ id: string }, { replays: RouteReplay[] }> = {
  shape: aboutOf,
  show({ replays }, terminal) {
    const lines = replays.map(({ id, same, differs }) =>
      same
        ? paint(terminal, 'green', `${id}: the same bytes`)
        : paint(terminal, 'red', `${id}: comes out otherwise in ${differs.join(', ')} (--json shows both)`),
    );
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ replays }) => (replays.every(({ same }) => same) ? exitCodes.pass : exitCodes.fail),
};

type EvaluateInput = { policy: z.infer<typeof policyOptionsSchema>; days?: number };

export const routeEvaluateSurface: CommandSurface<EvaluateInput, RouteEvaluation> = {
  shape: (flags) => ({
    policy: policyOptionsSchema.parse({ ...optionsOf(flags), name: textOf(flags, 'policy') }),
    ...definedOnly({ days: numberOf(flags, 'days') }),
  }),
  show: showEvaluation,
  exitCode: ({ report }) => (report.kind === 'estimated' ? exitCodes.pass : exitCodes.fail),
};

const optionsSchema = z.string().transform((text, context) => {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    context.addIssue({
      code: 'custom',
      path: ['options'],
      message: 'is no JSON object: give {"epsilon": 0.1} or the like',
    });
    return z.NEVER;
  }
});

function optionsOf(flags: Flags): Record<string, unknown> {
  const text = textOf(flags, 'options');
  return text === undefined ? {} : optionsSchema.parse(text);
}

function showEvaluation({ policy, report, open, kept }: RouteEvaluation, terminal: Terminal): string {
  const left = [
    open === 0 ? '' : `, ${open} left out since nothing came of them yet`,
    kept === 0 ? '' : `, ${kept} left out since a session kept its agent`,
  ].join('');
  const head = paint(terminal, 'bold', `${policy.name} by ${report.decisions} logged decisions${left}`);
  if (report.kind === 'refused') {
    return `${head}\n${paint(terminal, 'yellow', 'nothing can be said')}: ${report.why}\n  ${report.mend}\n`;
  }
  const { logged, ips, snips, dr, effective, greatest_weight: weight, uncovered } = report;
  const row = (name: string, { value, low, high }: typeof logged): string =>
    `  ${name.padEnd(28)} ${value.toFixed(3)}  (95 %: ${low.toFixed(3)} to ${high.toFixed(3)})`;
  const rows = [
    row('the log’s own policy', logged),
    row('inverse propensity (IPS)', ips),
    row('self-normalised (SNIPS)', snips),
    row('doubly robust (DR)', dr),
    `  worth ${effective.toFixed(1)} decisions of it; greatest weight ${weight.toFixed(1)}; ${(100 * uncovered).toFixed(1)} % uncovered`,
  ];
  return `${[head, ...rows].join('\n')}\n`;
}
