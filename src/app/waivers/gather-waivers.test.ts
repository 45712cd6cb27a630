import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../adapters/yaml/documents.js';
import { submitted } from '../../core/caws/verdict/fixtures/matter.js';
import type { SubmittedWaiver } from '../../core/caws/waiver.js';
import { type WaiverDesk, gatherWaivers } from './gather-waivers.js';

const nowMs = 1_800_000_000_000;

/** Gathers for a task (null: for who asks for a waiver), and tells what the store and the log were asked. */
async function gather(taskId: string | null, ofBase: readonly SubmittedWaiver[]) {
  const asked: string[] = [];
  const ask = <Answer>(what: string, answer: Answer) => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  const desk: WaiverDesk = {
    store: {
      list: () => ask('list', []),
      uses: () => ask('uses', []),
      consume: () => Promise.reject(new Error('nothing is used here')),
    },
    taskId,
    claim: 'one',
    lastEntryMs: () => ask('log', nowMs + 5000),
  };
  const checkSignatures = () => [{ state: 'unsigned', detail: 'none' }] as const;
  const sources = { repositoryId: 'r', specId: 'POST-001', nowMs, ofBase, checkSignatures };
  return { asked, gathered: await gatherWaivers(createDocuments(), desk, sources) };
}

describe('gatherWaivers', () => {
  it('asks for neither uses nor the log’s time where no waiver can be judged', async () => {
    const { asked, gathered } = await gather('task', []);
    expect(asked).toEqual(['list']);
    expect(gathered).toMatchObject({ waivers: [], context: { taskId: 'task' }, singleUse: 'enforced' });
  });

  it('judges a waiver by the log’s time where the clock stands behind it', async () => {
    const { asked, gathered } = await gather('task', [submitted()]);
    expect(asked).toEqual(['list', 'uses', 'log']);
    expect(gathered.context).toMatchObject({ nowMs: nowMs + 5000, clock: expect.stringContaining('by the ledger') });
  });

  it('tells who asks for the first waiver the log’s time too: its end is reckoned from it', async () => {
    const { gathered } = await gather(null, []);
    expect(gathered.context).toMatchObject({ nowMs: nowMs + 5000 });
  });
});
