import { NoObjectGeneratedError } from 'ai';
import type { PlanOfEdit } from '../../../core/caws/plea.js';
import { isFault } from '../../../core/fault.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Assignment, WorkNews, WorkerFaultCode } from '../../../ports/worker.js';
import { readPlan } from '../read-answer.js';
import type { Room } from '../room/room.js';
import { type Conversation, askModel } from './ask-model.js';
import { runEditLoop } from './edit-loop.js';
import { toolInputs, toolsFor } from './edit-tools.js';
import { planInstructions } from './loop-prompt.js';

export interface PlanMatter {
  readonly assignment: Assignment;
  readonly room: Room;
  readonly tell: (news: WorkNews) => void;
  readonly contextTokens: number | null;
}

/**
 * A plan of edit: proposed by a call, or written in words; where neither is readable, asked for once more as JSON of the
 * plan's schema, and where the endpoint knows no schemas, as plain text.
 * @throws PLAN_UNREADABLE, and what `askModel` throws
 */
export async function proposePlan(
  talk: Conversation,
  matter: PlanMatter,
): Promise<{ readonly plan: PlanOfEdit; readonly modelId: string }> {
  const { assignment } = matter;
  const specId = assignment.spec.id;
  const { end, lastText, modelId } = await runEditLoop(talk, {
    system: planInstructions,
    prompt: assignment.prompt.text,
    tools: toolsFor('plan'),
    room: matter.room,
    tell: matter.tell,
    contextTokens: matter.contextTokens,
    mustEdit: false,
  });
  if (end?.kind === 'plan') return { plan: { version: 1, spec_id: specId, ...end.plan }, modelId };
  const plan = readPlan(lastText, specId) ?? (await askForJson(talk, assignment, lastText, specId));
  if (plan !== null) return { plan, modelId };
  throw new WorkFault<WorkerFaultCode>('PLAN_UNREADABLE', 'the model gave no plan of edit that can be read', {
    mend: 'take a model that can answer in JSON, or another agent',
    spend: talk.meter.spend(),
  });
}

async function askForJson(
  talk: Conversation,
  assignment: Assignment,
  said: string,
  specId: string,
): Promise<PlanOfEdit | null> {
  const request = `${assignment.prompt.text}\n\nGive the plan of edit as JSON alone.`;
  const question = {
    system: planInstructions,
    messages: [
      { role: 'user' as const, content: request },
      ...(said.trim() === '' ? [] : [{ role: 'assistant' as const, content: said }]),
      { role: 'user' as const, content: 'The plan, as JSON: {approach, files: [{path, lines}], tests, risks}.' },
    ],
  };
  try {
    const { text } = await askModel(talk, { ...question, schema: toolInputs.propose_plan });
    return readPlan(text, specId);
  } catch (error) {
    // what came is no JSON of the schema, or the endpoint knows no schemas: words may still hold a plan
    if (!isFault(error, 'AGENT_FAILED')) throw error;
    const kept = NoObjectGeneratedError.isInstance(error.cause) ? readPlan(error.cause.text ?? '', specId) : null;
    return kept ?? readPlan((await askModel(talk, question)).text, specId);
  }
}
