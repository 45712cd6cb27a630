import { type Policy, defaultPolicy } from '../policy.js';
import { type PlainRecord, recordOf, textsOf } from './plain-data.js';
import { gateMode } from './policy-shape.js';

/** The one internal policy of a file that its dialect has found valid. What the file leaves out is the default's. */
export function normalisePolicy(dialect: 'B' | 'C', value: unknown): Policy {
  const file = recordOf(value);
  const tiers = recordOf(file['risk_tiers']);
  const approval = recordOf(file['waiver_approval']);
  const approvers = (dialect === 'B' ? recordOf(file['edit_rules']) : recordOf(file['waivers']))[
    'min_approvers_for_budget_raise'
  ];
  return {
    dialect,
    budgets: { 1: budgetOf(tiers['1']), 2: budgetOf(tiers['2']), 3: budgetOf(tiers['3']) },
    gates: gatesOf(file['gates']),
    nonGovernedZones: textsOf(file['non_governed_zones']),
    rootPassthrough: textsOf(file['root_passthrough']),
    coverageBp: thresholdsOf(file, tiers, 'coverage_threshold'),
    mutationBp: thresholdsOf(file, tiers, 'mutation_threshold'),
    waiverApproval: {
      requiredApprovers: numberOr(approval['required_approvers'], defaultPolicy.waiverApproval.requiredApprovers),
      maxDurationDays: numberOr(approval['max_duration_days'], null),
    },
    minApproversForBudgetRaise: numberOr(approvers, defaultPolicy.minApproversForBudgetRaise),
  };
}

function budgetOf(value: unknown): Policy['budgets'][1] {
  const { max_files: maxFiles, max_loc: maxLoc } = recordOf(value);
  return { maxFiles: numberOr(maxFiles, 0), maxLoc: numberOr(maxLoc, 0) };
}

function gatesOf(value: unknown): Policy['gates'] {
  const gates: Policy['gates'] = {};
  for (const [name, gate] of Object.entries(recordOf(value))) {
    const { enabled, mode, thresholds } = recordOf(gate);
    // Without a mode a gate blocks: the older dialect had no other.
    gates[name] = {
      enabled: enabled !== false,
      mode: gateMode.catch('block').parse(mode),
      thresholds: { ...recordOf(thresholds) },
    };
  }
  return gates;
}

// The tier's own figure, else one that stands for all tiers. Percent to basis points.
function thresholdsOf(file: PlainRecord, tiers: PlainRecord, field: string): Policy['coverageBp'] {
  const of = (tier: string): number | null => {
    const percent = recordOf(tiers[tier])[field] ?? file[field];
    return typeof percent === 'number' ? Math.round(percent * 100) : null;
  };
  return { 1: of('1'), 2: of('2'), 3: of('3') };
}

function numberOr<Otherwise>(value: unknown, otherwise: Otherwise): number | Otherwise {
  return typeof value === 'number' ? value : otherwise;
}
