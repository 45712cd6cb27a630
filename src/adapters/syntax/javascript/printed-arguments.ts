import type { Knot } from '../source-tree.js';
import { joinPath } from '../dotted-path.js';
import { argumentsOf, type SourceFile } from './source-file.js';

const definers =
  /^(Object\.(defineProperty|defineProperties|assign|setPrototypeOf)|Reflect\.\w+)$|\.(spyOn|method|stub|replace\w*)$/;

/** What `Object.defineProperty` and its like act on is named like a callee: its alias is resolved. */
export function printedArguments(file: SourceFile, call: Knot, callee: string): readonly string[] {
  const args = argumentsOf(file, call);
  return args.map((argument, index) => {
    const text = file.print(argument.span);
    if (index > 0 || !definers.test(callee) || !/^[A-Za-z_$][\w$.]*(\(.*\))?$/.test(text)) return text;
    return joinPath(file.names.pathIn(argument.list, argument.span)).slice(0, 300);
  });
}
