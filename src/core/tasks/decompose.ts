import type { WorkingSpec } from '../caws/working-spec.js';
import { Fault } from '../fault.js';
import type { Chunk } from './chunk.js';

export type DecompositionFaultCode = 'DECOMPOSITION_INVALID';

/** How `.caws/arbiter.yaml` says that tasks of a spec are divided. */
export type Division = 'whole' | 'acceptance' | 'scope' | readonly Chunk[];

/**
 * The parts of a task in an order in which each comes after what it builds on. `acceptance` makes a part of each
 * criterion and `scope` of each entry of scope.in, one after the other; a list is taken as it stands. One part, or none
 * to be had, gives the whole.
 * @throws DECOMPOSITION_INVALID for a circle, an unknown or doubled part, a scope outside the spec's
 */
export function decompose(words: string, spec: WorkingSpec, division: Division): readonly Chunk[] {
  const chunks = typeof division === 'string' ? divide(words, spec, division) : division;
  return chunks.length === 0 ? [whole(words)] : orderChunks(chunks);
}

function whole(words: string): Chunk {
  return { id: 'whole', words, scope: [], after: [] };
}

function divide(words: string, spec: WorkingSpec, division: 'whole' | 'acceptance' | 'scope'): readonly Chunk[] {
  if (division === 'whole') return [];
  const parts =
    division === 'acceptance'
      ? spec.acceptance.map((criterion) => ({
          id: criterion.id,
          words: `${words}\n\nThis part: ${criterion.id}. Given ${criterion.given}, when ${criterion.when}, then ${criterion.then}.`,
          scope: [],
        }))
      : spec.scope.in.map((entry, index) => ({
          id: `scope-${index + 1}`,
          words: `${words}\n\nThis part: only what has to change under ${entry}.`,
          scope: [entry],
        }));
  if (parts.length < 2) return [];
  return parts.map((part, index) => ({ ...part, after: index === 0 ? [] : [parts[index - 1]?.id ?? ''] }));
}

/**
 * Topological order (Kahn), parts that are free to go in the order given.
 * @throws DECOMPOSITION_INVALID with the parts of the circle, or the unknown name
 */
export function orderChunks(chunks: readonly Chunk[]): readonly Chunk[] {
  const known = new Set(chunks.map((chunk) => chunk.id));
  if (known.size !== chunks.length) throw refuse('two parts have one name', 'give each part a name of its own');
  for (const chunk of chunks) {
    const unknown = chunk.after.find((name) => !known.has(name));
    if (unknown !== undefined) throw refuse(`${chunk.id} comes after ${unknown}, which is no part`, 'name a part');
  }
  const ordered: Chunk[] = [];
  const done = new Set<string>();
  while (ordered.length < chunks.length) {
    const next = chunks.find((chunk) => !done.has(chunk.id) && chunk.after.every((name) => done.has(name)));
    if (next === undefined) {
      const left = chunks.filter((chunk) => !done.has(chunk.id)).map((chunk) => chunk.id);
      throw refuse(`the parts ${left.join(', ')} wait for each other`, 'take one of their `after` away');
    }
    ordered.push(next);
    done.add(next.id);
  }
  return ordered;
}

function refuse(message: string, mend: string): Fault<DecompositionFaultCode> {
  return new Fault('DECOMPOSITION_INVALID', message, { mend });
}
