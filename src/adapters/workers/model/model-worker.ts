import { Fault } from '../../../core/fault.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import type { Worker, WorkerFaultCode } from '../../../ports/worker.js';
import { languageModel } from './language-model.js';
import { type LoopWorkerDeps, createLoopWorker } from './loop-worker.js';

export interface ModelWorkerDeps extends LoopWorkerDeps {
  /** The environment of this process, where keys are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The pinned SDK, as records name it. */
const sdkVersion = 'ai 6.0.326';

/**
 * A worker around a model behind an endpoint. The call goes from this process to the endpoint with the real key; only what
 * the model's tools do happens in the room, which has neither key nor network.
 * @throws PRICE_UNKNOWN; AGENT_MISSING where the profile names no model or endpoint
 */
export function createModelWorker(agent: AgentProfile, deps: ModelWorkerDeps): Worker {
  const { endpoint, model } = agent;
  if (endpoint === null || model === null) {
    throw new Fault<WorkerFaultCode>(
      'AGENT_MISSING',
      `agent '${agent.name}' names no ${model === null ? 'model' : 'endpoint'}`,
      {
        mend: `arbiter agents add ${agent.name} --kind model --model <id> --protocol <wire> --base-url <url> [--key-env <variable>]`,
      },
    );
  }
  return createLoopWorker(agent, deps, async () => {
    const key = endpoint.key_env === null ? null : (deps.environment[endpoint.key_env] ?? '');
    if (key === '') {
      throw new Fault<WorkerFaultCode>('AGENT_REFUSED_KEY', `the variable ${endpoint.key_env} holds no key`, {
        mend: `set ${endpoint.key_env} where arbiter's worker process starts`,
      });
    }
    return {
      model: languageModel(endpoint, key, model),
      version: sdkVersion,
      contextTokens: agent.limits.context_tokens,
      secrets: [key],
      close: () => Promise.resolve(),
    };
  });
}
