import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Fault } from '../../../core/fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';

/** What is used of node-llama-cpp: it is no dependency, so its own types are not there. */
export interface LlamaRuntime {
  getLlama(options: {
    gpu: false;
    build: 'never';
    skipDownload: true;
    logLevel: 'error';
    logger: () => void;
    maxThreads: number;
  }): Promise<Llama>;
  readonly LlamaChatSession: new (options: { contextSequence: LlamaSequence }) => LlamaSession;
}

export interface Llama {
  loadModel(options: { modelPath: string; loadSignal: AbortSignal }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: unknown): Promise<object>;
  dispose(): Promise<void>;
}

export interface LlamaModel {
  readonly trainContextSize: number;
  readonly fileInfo: { readonly metadata: { readonly general?: { readonly name?: string } } };
  createContext(options: { contextSize: number; threads: number }): Promise<LlamaContext>;
}

export interface LlamaContext {
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}

export interface LlamaSequence {
  readonly tokenMeter: { getState(): { usedInputTokens: number; usedOutputTokens: number } };
}

export type LlamaHistoryItem =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] };

export interface LlamaSession {
  setChatHistory(history: readonly LlamaHistoryItem[]): void;
  promptWithMeta(
    text: string,
    options: {
      signal?: AbortSignal;
      maxTokens: number;
      temperature: number;
      seed?: number;
      grammar?: object;
    },
  ): Promise<{ readonly responseText: string; readonly stopReason: string }>;
}

const packageName = 'node-llama-cpp';

/** The version that is installed by the lane and that these types were read from. */
export const llamaVersion = '3.21.1';

const howToInstall =
  `npm i --no-save --ignore-scripts --omit=optional ${packageName}@${llamaVersion} ` +
  `@node-llama-cpp/${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}@${llamaVersion}, ` +
  'beside arbiter or in a folder that ARBITER_LLAMA_FOLDER names';

/**
 * The entry file of node-llama-cpp: in the folder's node_modules, or where a package beside this one is found. Null when
 * it is in neither place.
 */
export function findLlamaRuntime(folder: string | null): string | null {
  if (folder !== null) {
    const entry = join(folder, 'node_modules', packageName, 'dist', 'index.js');
    return existsSync(entry) ? entry : null;
  }
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch {
    // the one way in which Node says that there is no such package
    return null;
  }
}

/** Loads it. @throws MODEL_RUNTIME_MISSING which says how to install it */
export async function loadLlamaRuntime(folder: string | null): Promise<LlamaRuntime> {
  const entry = findLlamaRuntime(folder);
  if (entry === null) throw missing(`${packageName} is not installed${folder === null ? '' : ` in ${folder}`}`);
  try {
    const loaded: unknown = await import(pathToFileURL(entry).href);
    if (isRuntime(loaded)) return loaded;
  } catch (error) {
    throw missing(`${packageName} does not load: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  throw missing(`${entry} is another version of ${packageName}`);
}

function isRuntime(loaded: unknown): loaded is LlamaRuntime {
  return typeof loaded === 'object' && loaded !== null && 'getLlama' in loaded && 'LlamaChatSession' in loaded;
}

function missing(message: string, cause?: unknown): Fault<WorkerFaultCode> {
  return new Fault<WorkerFaultCode>('MODEL_RUNTIME_MISSING', message, {
    mend: howToInstall,
    ...(cause === undefined ? {} : { cause }),
  });
}
