import type { Severity } from '../finding.js';

/** The parts of a verdict that must agree with each other. */
interface JudgedParts {
  readonly verdict: 'PASS' | 'FAIL' | 'WAIVER_REQUIRED';
  readonly advisory: boolean;
  readonly advisory_reasons: readonly unknown[];
  readonly findings: readonly { readonly severity: Severity; readonly waived_by: string | null }[];
  readonly findings_omitted: number;
  readonly waivers: readonly { readonly id: string; readonly single_use: 'enforced' | 'unenforced' }[];
  readonly waivers_needed: readonly unknown[];
  readonly gates: readonly {
    readonly name: string;
    readonly mandatory: boolean;
    readonly outcome: 'pass' | 'fail' | 'error' | 'not_run';
    readonly tripwire: 'reported' | 'missing' | 'passed' | 'not-applicable';
  }[];
  readonly spec: object | null;
  readonly base: object | null;
  readonly change: object | null;
  readonly budgets: object | null;
}

interface Contradiction {
  readonly path: string[];
  readonly message: string;
}

/**
 * Where a verdict says one thing and its parts another; empty when they agree. A reader thus need not trust the one
 * word at the top: a PASS over a blocking finding is no verdict at all.
 */
export function findContradictions(verdict: JudgedParts): Contradiction[] {
  return [
    ...contradictOutcome(verdict),
    ...contradictPass(verdict),
    ...contradictGates(verdict),
    ...contradictWaivers(verdict),
  ];
}

function contradictOutcome(verdict: JudgedParts): Contradiction[] {
  const blocked = verdict.findings.some((finding) => finding.severity === 'block');
  const open = verdict.findings.some((finding) => finding.severity === 'waivable' && finding.waived_by === null);
  const implied = blocked ? 'FAIL' : open ? 'WAIVER_REQUIRED' : 'PASS';
  const found: Contradiction[] = [];
  if (implied !== verdict.verdict) {
    found.push({ path: ['verdict'], message: `is ${verdict.verdict}, but the findings amount to ${implied}` });
  }
  const needed = verdict.waivers_needed.length > 0;
  // Behind a thousand blocking findings an open waivable one may have been left out.
  if (open !== needed && (open || verdict.findings_omitted === 0)) {
    found.push({ path: ['waivers_needed'], message: 'does not agree with the open waivable findings' });
  }
  if (verdict.advisory !== verdict.advisory_reasons.length > 0) {
    found.push({ path: ['advisory'], message: 'does not agree with advisory_reasons' });
  }
  return found;
}

function contradictPass(verdict: JudgedParts): Contradiction[] {
  if (verdict.verdict !== 'PASS') return [];
  const found: Contradiction[] = [];
  for (const part of ['spec', 'base', 'change', 'budgets'] as const) {
    if (verdict[part] === null) found.push({ path: [part], message: 'is missing from a PASS' });
  }
  return found;
}

function contradictGates(verdict: JudgedParts): Contradiction[] {
  const mandatory = verdict.gates.filter((gate) => gate.mandatory);
  const dead = mandatory.filter((gate) => gate.outcome === 'error' || gate.outcome === 'not_run' || isUnproven(gate));
  const waived = verdict.findings.some((finding) => finding.waived_by !== null);
  const found: Contradiction[] = [];
  if (dead.length > 0 && verdict.verdict !== 'FAIL') {
    found.push({ path: ['gates'], message: `hold a mandatory gate that proved nothing: ${dead[0]?.name}` });
  }
  if (verdict.verdict === 'PASS' && !waived && mandatory.some((gate) => gate.outcome === 'fail')) {
    found.push({ path: ['gates'], message: 'hold a failed mandatory gate under a PASS that no waiver lifts' });
  }
  return found;
}

function isUnproven(gate: JudgedParts['gates'][number]): boolean {
  return gate.tripwire === 'missing' || gate.tripwire === 'passed';
}

function contradictWaivers(verdict: JudgedParts): Contradiction[] {
  const ids = new Set(verdict.waivers.map((waiver) => waiver.id));
  const found: Contradiction[] = [];
  if (verdict.findings.some((finding) => finding.waived_by !== null && !ids.has(finding.waived_by))) {
    found.push({ path: ['waivers'], message: 'lacks a waiver that a finding names' });
  }
  if (verdict.findings.some((finding) => finding.waived_by !== null && finding.severity !== 'waivable')) {
    found.push({ path: ['findings'], message: 'holds a waived finding that no waiver can lift' });
  }
  if (verdict.waivers.some((waiver) => waiver.single_use === 'unenforced') && !verdict.advisory) {
    found.push({ path: ['advisory'], message: 'is false though a waiver’s single use is not enforced' });
  }
  return found;
}
