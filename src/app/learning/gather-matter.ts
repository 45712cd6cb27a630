import { z } from 'zod';
import { readCapture } from '../../core/learning/capture.js';
import type { PleaMatter, RedactedText, StoryMatter, VerdictMatter, WantedMatter } from '../../core/learning/matter.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { isFault } from '../../core/fault.js';
import type { Documents } from '../../ports/documents.js';
import type { Redactor } from '../../ports/redactor.js';
import type { TaskStore } from '../../ports/task-store.js';
import { storedPleaSchema } from '../tasks/stored-plea.js';
import { readStoredVerdict } from '../verdict/stored-verdict.js';

/** Where the matter of a story is read from. */
export interface MatterSources {
  readonly tasks: Pick<TaskStore, 'getContent'>;
  readonly documents: Documents;
  readonly redactor: Redactor;
  readonly decisions: (ids: readonly string[]) => Promise<ReadonlyMap<string, RouteDecision>>;
}

/**
 * Reads what a story names. What was erased, is damaged or was never stored is left out, so that its fields are missing
 * and counted as such. @throws STORE_UNAVAILABLE, DISK_FULL: then nobody knows, and it is asked again
 */
export async function gatherMatter(sources: MatterSources, wanted: WantedMatter): Promise<StoryMatter> {
  const pleas = new Map<string, PleaMatter>();
  const verdicts = new Map<string, VerdictMatter>();
  const texts = new Map<string, RedactedText>();
  for (const text of wanted.texts) texts.set(text, await sources.redactor.redact(text));
  for (const sha256 of wanted.pleas) {
    const plea = await readPlea(sources, sha256);
    if (plea !== null) pleas.set(sha256, plea);
  }
  for (const sha256 of wanted.verdicts) {
    const verdict = await readVerdict(sources, sha256);
    if (verdict !== null) verdicts.set(sha256, verdict);
  }
  const decisions = wanted.decisions.length === 0 ? new Map() : await sources.decisions(wanted.decisions);
  return { pleas, verdicts, decisions, texts };
}

async function readPlea(sources: MatterSources, sha256: string): Promise<PleaMatter | null> {
  const bytes = await readContent(sources, sha256);
  const stored = bytes === null ? null : storedPleaSchema.safeParse(parseJson(bytes)).data;
  if (stored === undefined || stored === null) return null;
  const transcript = await readContent(sources, stored.transcript);
  return {
    prompt: stored.prompt.id,
    capture: transcript === null ? null : readCapture(new TextDecoder().decode(transcript)),
  };
}

async function readVerdict(sources: MatterSources, sha256: string): Promise<VerdictMatter | null> {
  try {
    return matterOf(await readStoredVerdict(sources, sha256));
  } catch (error) {
    if (isLost(error) || isFault(error, 'YAML_INVALID') || isFault(error, 'YAML_REFUSED')) return null;
    if (error instanceof z.ZodError) return null;
    throw error;
  }
}

function matterOf({ engine, trust, gates, findings }: Verdict): VerdictMatter {
  const byRule: Record<string, number> = {};
  for (const { rule } of findings) byRule[rule] = (byRule[rule] ?? 0) + 1;
  return {
    verifier: engine.arbiter,
    trust,
    gates: gates.map(({ name, kind, mandatory, outcome, executed_count: executed, started, ended }) => ({
      name,
      kind,
      mandatory,
      outcome,
      executed,
      wall_ms: started === null || ended === null ? null : Math.max(0, Date.parse(ended) - Date.parse(started)),
    })),
    findings: byRule,
    // Claims are held against what gates measured: where none ran, nobody knows.
    unsupported_claims: gates.length === 0 ? null : (byRule['B5'] ?? 0),
  };
}

async function readContent({ tasks }: MatterSources, sha256: string): Promise<Uint8Array | null> {
  try {
    return await tasks.getContent(sha256);
  } catch (error) {
    if (isLost(error)) return null;
    throw error;
  }
}

function isLost(error: unknown): boolean {
  return isFault(error, 'CONTENT_MISSING') || isFault(error, 'CONTENT_ERASED');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
