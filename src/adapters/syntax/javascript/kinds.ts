import type { TextKinds } from '../normal-text.js';

/** Function-like nodes of tree-sitter's JavaScript and TypeScript grammars. */
export const functionKinds: ReadonlySet<string> = new Set([
  'arrow_function',
  'function_expression',
  'function_declaration',
  'generator_function',
  'generator_function_declaration',
  'method_definition',
]);

export const classKinds: ReadonlySet<string> = new Set(['class_declaration', 'class', 'abstract_class_declaration']);

const sharedKinds: readonly string[] = [
  ...functionKinds,
  'class_declaration',
  'class',
  'call_expression',
  'new_expression',
  'arguments',
  'string',
  'template_string',
  'regex',
  'comment',
  'formal_parameters',
  'statement_block',
  'expression_statement',
  'if_statement',
  'else_clause',
  'ternary_expression',
  'for_statement',
  'for_in_statement',
  'while_statement',
  'switch_statement',
  'switch_case',
  'switch_default',
  'try_statement',
  'catch_clause',
  'finally_clause',
  'return_statement',
  'throw_statement',
  'variable_declarator',
  'lexical_declaration',
  'variable_declaration',
  'assignment_expression',
  'augmented_assignment_expression',
  'update_expression',
  'await_expression',
  'import_statement',
  'export_statement',
  'ERROR',
];

const typedKinds = ['abstract_class_declaration'];

/** One matcher for all nodes that the extraction reads, by ast-grep's name of the language. */
export function matcherFor(language: 'JavaScript' | 'TypeScript' | 'Tsx'): unknown {
  const kinds = language === 'JavaScript' ? sharedKinds : [...sharedKinds, ...typedKinds];
  return { rule: { any: kinds.map((kind) => ({ kind })) } };
}

export const textKinds: TextKinds = {
  strings: new Set(['string', 'template_string']),
  verbatim: new Set(['regex']),
  functions: functionKinds,
  bodies: new Set(['statement_block']),
};
