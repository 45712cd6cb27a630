import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { RouteDecision } from '../routing/decision.js';
import { type Spend, nothingSpent } from '../tasks/spend.js';
import { type TaskRequest, newTask } from '../tasks/task.js';
import type { TaskEvent } from '../tasks/task-event.js';
import { readCapture } from './capture.js';
import { type DataPoint, dataPointSchema } from './data-point.js';
import { derivePoints } from './derive-points.js';
import { type PlacedEvent, type StoryMatter, cutText, longestText, wantedMatter } from './matter.js';

const at = 1_764_000_000_000;
const sha = (letter: string): string => letter.repeat(64);
const spend: Spend = { micro_usd: 100, input_tokens: 1000, output_tokens: 100, turns: 3, wall_ms: 5000 };
const reason = (code: string) => ({ code, message: `it went wrong: ${code}`, mend: 'mend it' });

const request: TaskRequest = {
  words: 'Fix the sum, says jane@acme.org',
  repository: '/home/jane/project',
  spec: null,
  base: null,
  agents: [],
  candidates: 1,
  bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 600_000 },
  priority: 500,
  deadline_ms: null,
  dedup_key: null,
  refinements: 1,
  key: null,
};
const task = newTask('01JDQ5E4M0ABCDEFGHJKMNPQRT', request, at);

const events = {
  submitted: { type: 'task-submitted', at_ms: at },
  admitted: {
    type: 'task-admitted',
    at_ms: at + 1,
    base: 'b',
    spec_id: 'S-1',
    spec_sha256: sha('a'),
    policy_sha256: null,
  },
  planned: {
    type: 'task-planned',
    at_ms: at + 2,
    chunks: [{ id: 'whole', words: 'w', scope: [], after: [] }],
    by: 'whole',
    spend: nothingSpent,
  },
  chosen: { type: 'worker-chosen', at_ms: at + 3, ladder: ['pi', 'codex'] },
  started: (agent: string) => ({ type: 'work-started', at_ms: at + 4, agents: [agent] }),
  failed: (code: string, then: 'retry' | 'escalate' = 'escalate') => ({
    type: 'work-failed',
    at_ms: at + 5,
    candidate: 0,
    reason: reason(code),
    then,
    spend,
  }),
  pleaded: (agent: string) => ({
    type: 'plea-submitted',
    at_ms: at + 6,
    candidate: 0,
    plea: sha('c'),
    patch: sha('d'),
    worker: { agent, version: '1.2', model: 'small' },
    spend,
  }),
  examined: { type: 'plea-examined', at_ms: at + 7, candidate: 0, result: 'clean', files: 1, lines: 2, open: [] },
  deliberation: { type: 'deliberation-started', at_ms: at + 8 },
  verdict: (outcome: string, mendable = false) => ({
    type: 'verdict-reached',
    at_ms: at + 9,
    candidate: 0,
    verdict_id: '01JDQ5E4M0ABCDEFGHJKMNPQRV',
    outcome,
    sha256: sha('e'),
    findings: sha('f'),
    headline: 'so it is',
    mendable,
    cost: 1,
  }),
  recorded: { type: 'verdict-recorded', at_ms: at + 10, files: { verdict: '/v', signature: null }, kept: null },
} as const;

const judged = [events.examined, events.deliberation];
const begin = [events.submitted, events.admitted, events.planned, events.chosen];
const placed = (list: readonly object[]): readonly PlacedEvent[] =>
  list.map((event, index) => ({ seq: index + 1, event: event as TaskEvent }));

const matter: StoryMatter = {
  pleas: new Map([
    [
      sha('c'),
      {
        prompt: 'work@1',
        capture: { turns: 3, tool_calls: 4, tool_turns: 2, first_token_ms: 90, context_retained: 1 },
      },
    ],
  ]),
  verdicts: new Map([
    [sha('e'), { verifier: '0.2.0', trust: 'local', gates: [], findings: {}, unsupported_claims: 0 }],
  ]),
  decisions: new Map(),
  texts: new Map([
    [request.words, { text: 'Fix the sum, says [email]', removed: { email: 1 } }],
    ['small', { text: 'small', removed: {} }],
    ['1.2', { text: '1.2', removed: {} }],
  ]),
};

const tell = (list: readonly object[], more: Partial<StoryMatter> = {}): readonly DataPoint[] => {
  const points = derivePoints(task, placed(list), { ...matter, ...more });
  for (const point of points) expect(dataPointSchema.parse(point)).toEqual(point);
  return points;
};
const of = <Kind extends DataPoint['kind']>(
  points: readonly DataPoint[],
  kind: Kind,
): Extract<DataPoint, { kind: Kind }>[] =>
  points.filter((point): point is Extract<DataPoint, { kind: Kind }> => point.kind === kind);

describe('the points of a story', () => {
  const passes = [
    ...begin,
    events.started('pi'),
    events.pleaded('pi'),
    ...judged,
    events.verdict('PASS'),
    events.recorded,
  ];

  it('tell of a task that passes at once', () => {
    const points = tell(passes);
    expect(points.map(({ kind }) => kind)).toEqual([
      'task',
      'admission',
      'decision',
      'execution',
      'examination',
      'verdict',
      'outcome',
      'end',
    ]);
    expect(of(points, 'task')[0]).toMatchObject({ words: 'Fix the sum, says [email]', removed: { email: 1 } });
    expect(of(points, 'outcome')[0]).toMatchObject({
      missing: ['seed'],
      outcome: { verdict: 'PASS', reward: 1, tool_calls: 4, tool_turns: 2, first_token_ms: 90, revision: 0, turns: 3 },
    });
    expect(of(points, 'end')[0]).toMatchObject({ state: 'accepted', first_verdict: 'PASS', fallbacks: 0, wall_ms: 10 });
  });

  it('hold no word that was not looked through, and no path', () => {
    const text = JSON.stringify(tell(passes, { texts: new Map() }));
    expect(text).not.toMatch(/jane|acme|Fix the sum|so it is|small/);
    expect(of(tell(passes, { texts: new Map() }), 'task')[0]?.words).toBe('');
  });

  it('count as missing what could not be had', () => {
    const [outcome] = of(tell(passes, { pleas: new Map(), verdicts: new Map() }), 'outcome');
    expect(outcome?.missing).toEqual([
      'tool_calls',
      'tool_turns',
      'first_token_ms',
      'unsupported_claims',
      'context_retained',
      'verifier',
      'seed',
      'prompt',
    ]);
  });

  it('tell a planned step to the next agent from an unplanned one', () => {
    const planned = tell([
      ...begin,
      events.started('pi'),
      events.pleaded('pi'),
      ...judged,
      events.verdict('FAIL'),
      events.recorded,
      events.started('codex'),
      events.pleaded('codex'),
      ...judged,
      events.verdict('PASS'),
      events.recorded,
    ]);
    expect(of(planned, 'end')[0]).toMatchObject({ escalations: 1, fallbacks: 0, first_verdict: 'FAIL', attempts: 2 });
    const unplanned = tell([
      ...begin,
      events.started('pi'),
      events.failed('ENDPOINT_DOWN'),
      events.started('codex'),
      events.failed('AGENT_FAILED'),
    ]);
    expect(of(unplanned, 'end')[0]).toMatchObject({
      state: 'failed',
      escalations: 0,
      fallbacks: 1,
      first_verdict: 'FAULT',
    });
    expect(of(unplanned, 'outcome').map(({ outcome }) => [outcome.arm.agent, outcome.verdict])).toEqual([
      ['pi', 'FAULT'],
      ['codex', 'FAULT'],
    ]);
  });

  it('revise the outcome of an execution that is judged again', () => {
    const again = tell([
      ...begin,
      events.started('pi'),
      events.pleaded('pi'),
      ...judged,
      events.verdict('WAIVER_REQUIRED'),
      events.recorded,
      { type: 'human-answered', at_ms: at + 90, base: 'c', by: 'jane' },
      ...judged,
      events.verdict('PASS'),
      events.recorded,
    ]);
    expect(of(again, 'outcome').map(({ outcome }) => [outcome.attempt, outcome.revision, outcome.verdict])).toEqual([
      [1, 0, 'WAIVER_REQUIRED'],
      [1, 1, 'PASS'],
    ]);
  });

  it('give no outcome to work that was called off', () => {
    const points = tell([...begin, events.started('pi'), events.failed('AGENT_CANCELLED')]);
    expect(of(points, 'outcome')).toEqual([]);
    expect(of(points, 'execution')[0]).toMatchObject({ result: 'failed', code: 'AGENT_CANCELLED', spend });
  });

  it('of a routed task bear its decision, its surface and the seed; who lost a race has no outcome', () => {
    const id = '01JDQ5E4M0ABCDEFGHJKMNPQRS';
    const decision = {
      id,
      surface: 'code-editing',
      complexity: 'trivial',
      chosen: 'pi',
      policy: { id: 'thompson', version: '1', seed: 7 },
      eligible: [{ arm: { agent: 'pi', version: '9', model: 'm' }, propensity: 0.25 }],
      plan: { kind: 'race', agents: ['pi', 'codex'] },
    } as unknown as RouteDecision;
    const routed = { decision: id, plan: decision.plan };
    const points = tell(
      [
        ...begin.slice(0, 3),
        { ...events.chosen, routed },
        { type: 'work-started', at_ms: at + 4, agents: ['pi', 'codex'] },
        events.pleaded('pi'),
        ...judged.slice(0, 1),
        events.verdict('PASS'),
        { type: 'candidate-cancelled', at_ms: at + 9, candidate: 1, winner: 0, after_ms: 4, spend },
        events.recorded,
      ],
      { decisions: new Map([[id, decision]]) },
    );
    expect(of(points, 'decision')[0]).toMatchObject({ seed: 7, propensity: 0.25, plan: 'race', decision_id: id });
    expect(of(points, 'outcome')).toHaveLength(1);
    expect(of(points, 'outcome')[0]).toMatchObject({
      missing: [],
      surface: 'code-editing',
      outcome: { decision_id: id, seed: 7, complexity: 'trivial', arm: { agent: 'pi', version: '9', model: 'small' } },
    });
    expect(of(points, 'execution').map(({ agent, result, spend: cost }) => [agent, result, cost.micro_usd])).toEqual([
      ['pi', 'plea', 100],
      ['codex', 'cancelled', 100],
    ]);
    expect(of(points, 'end')[0]).toMatchObject({ state: 'accepted', first_verdict: 'PASS', fallbacks: 0 });
  });

  it('never go back in time, and say by how much a clock did', () => {
    const points = tell([events.submitted, { ...events.admitted, at_ms: at - 70_000 }]);
    expect(points.map(({ at_ms, skew_ms }) => [at_ms, skew_ms])).toEqual([
      [at, 0],
      [at, 70_000],
    ]);
  });

  test.prop([fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })])(
    'are the same however often and in how many pieces a story is told',
    (first, second) => {
      const whole = tell(passes);
      const list = placed(passes);
      const pieces = [
        ...derivePoints(task, list.slice(0, first), matter),
        ...derivePoints(task, list.slice(0, Math.max(first, second)), matter, first),
        ...derivePoints(task, list, matter, Math.max(first, second)),
      ];
      expect(pieces).toEqual(whole);
    },
  );

  it('want the pleas, verdicts and words that they name', () => {
    expect(wantedMatter(task, placed(passes))).toEqual({
      pleas: [sha('c')],
      verdicts: [sha('e')],
      decisions: [],
      texts: [request.words, '1.2', 'small', 'so it is'],
    });
  });
});

describe('a text that is too long', () => {
  test.prop([fc.string({ maxLength: 3 * longestText, unit: fc.constantFrom('a', ' ', 'é', '\n') })])(
    'is cut between words, and never longer than it may be',
    (text) => {
      const cut = cutText(text);
      expect(cut.length).toBeLessThanOrEqual(longestText);
      expect(text.startsWith(cut)).toBe(true);
      if (cut !== text) expect(cut === '' || /\s/.test(text[cut.length] ?? '')).toBe(true);
    },
  );
});

describe('a transcript', () => {
  const lines = (...list: readonly unknown[]): string => list.map((line) => JSON.stringify(line)).join('\n');

  it('of our own loop tells tool calls turn by turn', () => {
    const text = lines(
      { kind: 'answer', calls: ['read', 'edit'] },
      { kind: 'tool', name: 'read' },
      { kind: 'answer', calls: [] },
      {
        kind: 'calls',
        calls: [
          { first_token_ms: 80, input_tokens: 100, output_tokens: 20 },
          { first_token_ms: 60, input_tokens: 90, output_tokens: 5 },
        ],
      },
    );
    expect(readCapture(text)).toEqual({
      turns: 2,
      tool_calls: 2,
      tool_turns: 1,
      first_token_ms: 80,
      context_retained: 0.75,
    });
  });

  it('of an agent tells how many tools it used, and not in which turn', () => {
    expect(readCapture(lines({ kind: 'opening' }, { kind: 'tool', text: 'x' }, { kind: 'tool', text: 'y' }))).toEqual({
      turns: null,
      tool_calls: 2,
      tool_turns: null,
      first_token_ms: null,
      context_retained: null,
    });
  });

  test.prop([fc.string()])('that nobody can read tells nothing, and breaks nothing', (text) => {
    expect(readCapture(text).turns).toBeNull();
  });
});
