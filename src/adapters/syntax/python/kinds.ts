import type { TextKinds } from '../normal-text.js';

const kinds: readonly string[] = [
  'function_definition',
  'class_definition',
  'decorated_definition',
  'decorator',
  'parameters',
  'lambda',
  'call',
  'argument_list',
  'string',
  'comment',
  'block',
  'expression_statement',
  'pass_statement',
  'if_statement',
  'elif_clause',
  'else_clause',
  'conditional_expression',
  'for_statement',
  'while_statement',
  'try_statement',
  'except_clause',
  'finally_clause',
  'with_statement',
  'case_clause',
  'return_statement',
  'raise_statement',
  'assert_statement',
  'assignment',
  'augmented_assignment',
  'delete_statement',
  'await',
  'import_statement',
  'import_from_statement',
  'ERROR',
];

/** One matcher for all nodes of tree-sitter's Python grammar that the extraction reads. */
export const pythonMatcher: unknown = { rule: { any: kinds.map((kind) => ({ kind })) } };

export const pythonTextKinds: TextKinds = {
  strings: new Set(['string']),
  verbatim: new Set(),
  functions: new Set(['function_definition']),
  bodies: new Set(['block']),
};
