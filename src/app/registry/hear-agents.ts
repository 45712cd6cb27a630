import type { Workers } from '../../ports/worker.js';
import type { Registry } from './open-registry.js';
import { allAgents } from '../../core/registry/snapshot.js';

/** A heartbeat an hour is enough for a silence of a day. */
const hearEveryMs = 3_600_000;

/**
 * The heartbeat: agents whose program, key and runtime are there are heard of; those that lack something fall silent, and
 * count as offline after a day. Answers the names that were heard of. Who was heard of within the hour is not asked.
 */
export async function hearAgents(
  registry: Registry,
  workers: Pick<Workers, 'lacks'>,
  nowMs: number,
): Promise<readonly string[]> {
  const heard: string[] = [];
  for (const { profile, health } of allAgents(registry.snapshot())) {
    const isDue = profile.status !== 'retired' && nowMs - health.heard_ms >= hearEveryMs;
    if (!isDue || (await workers.lacks(profile)) !== null) continue;
    await registry.heard(profile.name);
    heard.push(profile.name);
  }
  return heard;
}
