import { open } from 'node:fs/promises';
import { Fault } from '../../../core/fault.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import type { Worker, WorkerFaultCode } from '../../../ports/worker.js';
import { type LoopWorkerDeps, type OpenModel, createLoopWorker } from '../model/loop-worker.js';
import { llamaModel } from './llama-model.js';
import { type Llama, type LlamaModel, type LlamaRuntime, llamaVersion, loadLlamaRuntime } from './load-runtime.js';

export interface LlamaWorkerDeps extends LoopWorkerDeps {
  /** Folder whose node_modules holds node-llama-cpp (`ARBITER_LLAMA_FOLDER`); null: beside this package. */
  readonly llamaFolder: string | null;
}

const largestContext = 8192;

/**
 * A worker around a GGUF in this process, on one thread. The model is loaded for each assignment and gone after it.
 * @throws MODEL_RUNTIME_MISSING, AGENT_MISSING without a file, PRICE_UNKNOWN unless the profile names a price, such as 0
 */
export async function createLlamaWorker(agent: AgentProfile, deps: LlamaWorkerDeps): Promise<Worker> {
  const { file } = agent;
  if (file === null) throw unloadable(agent.name, 'names no GGUF file');
  const runtime = await loadLlamaRuntime(deps.llamaFolder);
  return createLoopWorker(agent, deps, (_assignment, signal) => openModel(runtime, agent, file, signal));
}

async function openModel(
  runtime: LlamaRuntime,
  agent: AgentProfile,
  file: string,
  signal: AbortSignal,
): Promise<OpenModel> {
  const llama = await runtime.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: 'error',
    // what matters is thrown; the console belongs to the surfaces
    logger: () => undefined,
    maxThreads: 1,
  });
  try {
    const model = await loadFile(llama, agent, file, signal);
    const contextTokens = Math.min(agent.limits.context_tokens ?? largestContext, model.trainContextSize);
    return {
      model: llamaModel(runtime, llama, model, contextTokens),
      version: `node-llama-cpp ${llamaVersion}`,
      contextTokens,
      secrets: [],
      close: () => llama.dispose(),
    };
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

async function loadFile(llama: Llama, agent: AgentProfile, file: string, signal: AbortSignal): Promise<LlamaModel> {
  try {
    await checkHeader(file);
    return await llama.loadModel({ modelPath: file, loadSignal: signal });
  } catch (error) {
    throw unloadable(
      agent.name,
      `cannot load ${file}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

/** Refuses what is plainly no GGUF: llama.cpp's own reader may follow a nonsense header for minutes. */
async function checkHeader(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(24), 0, 24, 0);
    const isGguf = bytesRead === 24 && buffer.toString('latin1', 0, 4) === 'GGUF';
    const isKnown = [2, 3].includes(buffer.readUInt32LE(4));
    // counts of tensors and of entries
    const isSane = buffer.readBigUInt64LE(8) < 1_000_000n && buffer.readBigUInt64LE(16) < 1_000_000n;
    if (!isGguf || !isKnown || !isSane) throw new Error('it is no GGUF file');
  } finally {
    await handle.close();
  }
}

function unloadable(name: string, what: string, cause?: unknown): Fault<WorkerFaultCode> {
  return new Fault<WorkerFaultCode>('AGENT_MISSING', `agent '${name}' ${what}`, {
    mend: `give it a GGUF that llama.cpp reads: arbiter agents add ${name} --kind llama --file <path>`,
    ...(cause === undefined ? {} : { cause }),
  });
}
