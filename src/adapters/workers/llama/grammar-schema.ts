/** A JSON Schema, as far as it is read here. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * A JSON Schema as node-llama-cpp's grammars take it: what they do not know is left out, and a property that may be
 * missing may be null instead, since grammars write every property.
 */
export function grammarSchema(schema: unknown): Schema {
  if (!isRecord(schema)) return { type: 'null' };
  if (schema['const'] !== undefined) return { const: schema['const'] };
  if (Array.isArray(schema['enum'])) return { enum: schema['enum'] };
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return { oneOf: choices.map(grammarSchema) };
  if (schema['type'] === 'array') return { type: 'array', items: grammarSchema(schema['items']), ...bounds(schema) };
  if (schema['type'] !== 'object') return { type: schema['type'] ?? 'string' };
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const read = Object.entries(properties).map(([name, value]) => {
    const own = grammarSchema(value);
    return [name, required.includes(name) ? own : { oneOf: [own, { type: 'null' }] }];
  });
  return { type: 'object', properties: Object.fromEntries(read) };
}

/** One call of one of the tools: `{"tool": name, "args": {…}}`. */
export function toolCallSchema(tools: readonly { readonly name: string; readonly inputSchema: unknown }[]): Schema {
  const choices = tools.map(({ name, inputSchema }) => ({
    type: 'object',
    properties: { tool: { const: name }, args: grammarSchema(inputSchema) },
  }));
  return choices.length === 1 ? { ...choices[0] } : { oneOf: choices };
}

/** The value without its nulls, which stand for properties that were left out. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutNulls(one)]));
}

function bounds(schema: Schema): Schema {
  return typeof schema['minItems'] === 'number' ? { minItems: schema['minItems'] } : {};
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
