import type { WireProtocol } from '../../../core/registry/agent-profile.js';

/** What a response said of its tokens; null where it said nothing. */
export interface ReportedUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** The greatest figure that was seen under a name such as `usage.prompt_tokens`; null for none. */
type Figure = (name: string) => number | null;

/**
 * The wire of a model call by its path; null for what is no turn of a model: counting tokens, listing models,
 * embeddings. Agents may speak another wire than the profile says, so the path decides.
 */
export function wireOfPath(path: string): WireProtocol | null {
  const plain = path
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .toLowerCase();
  if (/(?:^|\/)(?:chat\/)?completions$/.test(plain)) return 'openai-chat';
  if (/(?:^|\/)responses(?:\/compact)?$/.test(plain)) return 'openai-responses';
  if (/(?:^|\/)messages$/.test(plain)) return 'anthropic';
  return /:(?:stream)?generatecontent$/.test(plain) ? 'gemini' : null;
}

/** Whether a path is a turn, a look-up that costs nothing, or anything else: what a relay need not let out. */
export function kindOfCall(path: string): 'turn' | 'lookup' | 'other' {
  if (wireOfPath(path) !== null) return 'turn';
  const plain = path
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .toLowerCase();
  return /(?:^|\/)(?:models(?:\/[^:]*)?|messages\/count_tokens|responses\/input_tokens)$|:counttokens$/.test(plain)
    ? 'lookup'
    : 'other';
}

/** The name of a figure of usage without what streams wrap around it; null for any other number of a response. */
export function nameOfFigure(path: string): string | null {
  const bare = path.replace(/^(?:response|message|choices|x_groq)\./, '');
  return /^usage(?:Metadata)?\.\w+(?:\.\w+)?$/.test(bare) ? bare : null;
}

/** Reads usage as each wire means it: where the cache is counted apart it is added to the prompt. */
export function readReported(wire: WireProtocol, figure: Figure): ReportedUsage {
  return readers[wire](figure);
}

const readers: Readonly<Record<WireProtocol, (figure: Figure) => ReportedUsage>> = {
  'openai-chat': (figure) => {
    const prompt = figure('usage.prompt_tokens');
    return {
      inputTokens: prompt,
      // some servers leave reasoning out of the completion, but not out of the total
      outputTokens: atLeast(figure('usage.completion_tokens'), rest(figure('usage.total_tokens'), prompt)),
      cacheReadTokens:
        figure('usage.prompt_tokens_details.cached_tokens') ?? figure('usage.prompt_cache_hit_tokens') ?? 0,
      cacheWriteTokens: figure('usage.prompt_tokens_details.cache_write_tokens') ?? 0,
    };
  },
  'openai-responses': (figure) => {
    const prompt = figure('usage.input_tokens');
    return {
      inputTokens: prompt,
      outputTokens: atLeast(figure('usage.output_tokens'), rest(figure('usage.total_tokens'), prompt)),
      cacheReadTokens: figure('usage.input_tokens_details.cached_tokens') ?? 0,
      cacheWriteTokens: 0,
    };
  },
  anthropic: (figure) => {
    const fresh = figure('usage.input_tokens');
    const read = figure('usage.cache_read_input_tokens') ?? 0;
    const written = figure('usage.cache_creation_input_tokens') ?? 0;
    return {
      inputTokens: fresh === null ? null : fresh + read + written,
      outputTokens: figure('usage.output_tokens'),
      cacheReadTokens: read,
      cacheWriteTokens: written,
    };
  },
  gemini: (figure) => {
    const prompt = figure('usageMetadata.promptTokenCount');
    const input = prompt === null ? null : prompt + (figure('usageMetadata.toolUsePromptTokenCount') ?? 0);
    const answer = figure('usageMetadata.candidatesTokenCount');
    const thoughts = figure('usageMetadata.thoughtsTokenCount');
    const output = answer === null && thoughts === null ? null : (answer ?? 0) + (thoughts ?? 0);
    return {
      inputTokens: input,
      outputTokens: atLeast(output, rest(figure('usageMetadata.totalTokenCount'), input)),
      cacheReadTokens: figure('usageMetadata.cachedContentTokenCount') ?? 0,
      cacheWriteTokens: 0,
    };
  },
};

function rest(total: number | null, part: number | null): number | null {
  return total === null || part === null ? null : Math.max(0, total - part);
}

function atLeast(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
