/** Hosts of model endpoints, and the provider under which the price table lists their models. */
const providers: ReadonlyMap<string, string> = new Map([
  ['api.openai.com', 'openai'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'google'],
  ['openrouter.ai', 'openrouter'],
  ['api.mistral.ai', 'mistral'],
  ['api.deepseek.com', 'deepseek'],
  ['api.groq.com', 'groq'],
  ['api.x.ai', 'xai'],
  ['api.cerebras.ai', 'cerebras'],
  ['api.together.xyz', 'togetherai'],
  ['api.fireworks.ai', 'fireworks-ai'],
  ['api.moonshot.ai', 'moonshotai'],
  ['api.z.ai', 'zai'],
  ['api.minimax.io', 'minimax'],
  ['dashscope-intl.aliyuncs.com', 'alibaba'],
  ['models.github.ai', 'github-models'],
]);

/** The provider of an endpoint's base URL; null for a host that is not known, such as a server of one's own. */
export function providerOfHost(baseUrl: string): string | null {
  const host = /^https?:\/\/(?:[^/@]*@)?([^/:?#]+)/i.exec(baseUrl)?.[1]?.toLowerCase() ?? '';
  return providers.get(host) ?? null;
}
