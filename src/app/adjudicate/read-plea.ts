import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import {
  type PlanOfEdit,
  type Plea,
  evidenceSchema,
  planOfEditSchema,
  pleaSchema,
  rationaleSchema,
} from '../../core/caws/plea.js';
import type { WorkFacts } from '../../core/caws/verdict/assemble-verdict.js';
import { digestBytes } from '../../core/digest.js';
import type { Ports } from '../../ports/ports.js';

export type PleaFaultCode = 'PLEA_INVALID';

/** The files in which a worker pleads; all optional. */
export const pleaFilesSchema = z.strictObject({
  plan: z.string().min(1).optional(),
  rationale: z.string().min(1).optional(),
  evidence: z.string().min(1).optional(),
});
export type PleaFiles = z.infer<typeof pleaFilesSchema>;

/** What the worker pleaded, with the digests of the exact bytes. */
export interface SubmittedPlea {
  readonly plan: PlanOfEdit | null;
  readonly planSha256: string | null;
  readonly rationale: Plea['rationale'] | null;
  readonly rationaleSha256: string | null;
  readonly evidence: Plea['evidence'];
  readonly evidenceSha256: string | null;
  readonly worker: Plea['worker'] | null;
  /** What Arbiter saw of the work; null for a change that somebody brought: its own word for it is no measurement. */
  readonly work: WorkFacts | null;
}

const looseEvidence = z.union([
  z.array(evidenceSchema).transform((evidence) => ({ evidence, worker: null, rationale: null })),
  pleaSchema.transform(({ evidence, worker, rationale }) => ({ evidence, worker, rationale })),
  z
    .strictObject({ evidence: z.array(evidenceSchema), worker: pleaSchema.shape.worker.optional() })
    .transform(({ evidence, worker }) => ({ evidence, worker: worker ?? null, rationale: null })),
]);

/**
 * Reads the worker's files. A rationale that ends in .md or .txt is taken as its summary; everything else is YAML or
 * JSON by the schemas of `schemas/plea.schema.json`.
 * @throws FILE_MISSING, YAML_INVALID, YAML_REFUSED, PLEA_INVALID with the place
 */
export async function readPlea(ports: Ports, files: PleaFiles): Promise<SubmittedPlea> {
  const plan = await readPart(ports, files.plan, 'plan of edit', planOfEditSchema);
  const rationale = await readRationale(ports, files.rationale);
  const evidence = await readPart(ports, files.evidence, 'evidence manifest', looseEvidence);
  return {
    plan: plan.value,
    planSha256: plan.sha256,
    rationale: rationale.value ?? evidence.value?.rationale ?? null,
    rationaleSha256: rationale.sha256,
    evidence: evidence.value?.evidence ?? [],
    evidenceSha256: evidence.sha256,
    worker: evidence.value?.worker ?? null,
    work: null,
  };
}

interface Part<T> {
  readonly value: T | null;
  readonly sha256: string | null;
}

async function readRationale(ports: Ports, file: string | undefined): Promise<Part<Plea['rationale']>> {
  if (file === undefined || !/\.(md|txt)$/i.test(file)) return readPart(ports, file, 'rationale', rationaleSchema);
  const bytes = await ports.files.readFile(file);
  const summary = new TextDecoder().decode(bytes).trim();
  return { value: parsePart(rationaleSchema, { summary }, 'rationale', file), sha256: digestBytes(bytes) };
}

async function readPart<T>(
  ports: Ports,
  file: string | undefined,
  what: string,
  schema: z.ZodType<T>,
): Promise<Part<T>> {
  if (file === undefined) return { value: null, sha256: null };
  const bytes = await ports.files.readFile(file);
  const document = ports.documents.read(bytes, file);
  return { value: parsePart(schema, document.value, what, file, document.placeOf), sha256: digestBytes(bytes) };
}

function parsePart<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: string,
  file: string,
  placeOf?: (pointer: string) => { line?: number; column?: number },
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const pointer = (issue?.path ?? []).map((step) => `/${String(step)}`).join('');
  throw new Fault<PleaFaultCode>(
    'PLEA_INVALID',
    `the ${what} is not valid: ${pointer === '' ? '' : `${pointer}: `}${issue?.message ?? ''}`,
    {
      mend: 'see schemas/plea.schema.json for what it holds',
      place: { file, ...placeOf?.(pointer) },
    },
  );
}
