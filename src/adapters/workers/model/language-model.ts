import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import type { Endpoint } from '../../../core/registry/agent-profile.js';

/** The model interface of the pinned SDK. */
export type SdkModel = Extract<LanguageModel, { specificationVersion: 'v3' }>;

// warnings of the SDK go to the console otherwise, which belongs to the surfaces
globalThis.AI_SDK_LOG_WARNINGS = false;

/** Sent where an endpoint asks for no key: left out, the SDK would take one from the environment. */
const noKey = 'none';

/**
 * The model behind an endpoint, by the wire that it speaks. Base URL and key are always given in full: the environment of
 * this process decides nothing.
 */
export function languageModel(endpoint: Endpoint, key: string | null, model: string): SdkModel {
  const settings = { baseURL: endpoint.base_url.replace(/\/+$/, ''), apiKey: key ?? noKey };
  switch (endpoint.protocol) {
    case 'openai-chat':
      return createOpenAICompatible({
        name: 'openai-compatible',
        baseURL: settings.baseURL,
        ...(key === null ? {} : { apiKey: key }),
        includeUsage: true,
        supportsStructuredOutputs: true,
      })(model);
    case 'openai-responses':
      return createOpenAI(settings).responses(model);
    case 'anthropic':
      return createAnthropic(settings)(model);
    case 'gemini':
      return createGoogleGenerativeAI(settings)(model);
  }
}
