import type { Stack } from './detect-stack.js';
import { type Policy, defaultPolicy } from './policy.js';
import { protectedPatterns } from './protected-paths.js';

const tierDescriptions = ['critical changes, with manual review', 'ordinary features', 'low risk'] as const;

/** `.caws/policy.yaml` with the budgets given, else the default ones of constitution §2; valid in dialects B and C. */
export function renderPolicy(budgets: Policy['budgets'] = defaultPolicy.budgets): string {
  const tiers = ([1, 2, 3] as const).map(
    (tier) => `  "${tier}":
    max_files: ${budgets[tier].maxFiles}
    max_loc: ${budgets[tier].maxLoc}
    description: ${tierDescriptions[tier - 1] ?? ''}
`,
  );
  return `# CAWS policy: budgets by risk tier, and which gates block. Changed by humans only.
version: 1
risk_tiers:
${tiers.join('')}gates:
  budget_limit:
    enabled: true
    mode: block
    description: change budgets
  spec_completeness:
    enabled: true
    mode: block
    description: complete working specs
  scope_boundary:
    enabled: true
    mode: block
    description: scope of the spec
non_governed_zones: []
`;
}

/** `.caws/arbiter.yaml` for a stack, or with an example where none was recognised. Strict YAML, JSON-style values. */
export function renderArbiterConfig(stack: Stack | null, options: { readonly sandbox: 'bubblewrap' | 'none' }): string {
  const gates = stack === null ? exampleGates : renderGates(stack);
  return `# What Arbiter needs beyond CAWS. It is read from the base commit of a change, never from the change itself.
version: 1
${stack === null ? '' : `stack: ${JSON.stringify(stack.name)}\n`}# bubblewrap, or none: gates then run unprotected, and every verdict says so.
sandbox: ${options.sandbox}
# Each gate is an argument vector, run without a shell and without a network in a fresh checkout.
# {report} stands for the file that the report is written to.
${gates}# Protected beyond the built-in list (${protectedPatterns.length} patterns: .caws, CI, hooks, CODEOWNERS, agents' instructions, keys).
protected: []
# What a spec may do that CAWS has no field for: admissions: { SPEC-1: { binaries: [assets/logo.png] } }
admissions: {}
# Who may approve waivers: names of .caws/keys/allowed_signers.
approvers: []
# Fingerprints (SHA256:…) of verdict keys that no worker can reach: their verdicts are enforcing, others are local.
enforcing_keys: []
`;
}

const exampleGates = `gates: {}
#  tests:
#    kind: tests
#    command: ["node", "--test", "--test-reporter=junit", "--test-reporter-destination={report:junit}"]
#    reports: [{ format: junit }]
`;

function renderGates(stack: Stack): string {
  const lines = Object.entries(stack.gates).map(([name, gate]) => {
    const rest = Object.entries(gate).filter(([key]) => key !== 'kind' && key !== 'command');
    return [
      `  ${name}:`,
      `    kind: ${gate.kind}`,
      `    command: ${JSON.stringify(gate.command)}`,
      ...rest.map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`),
    ].join('\n');
  });
  return `gates:\n${lines.join('\n')}\n`;
}
