import type { LineFact } from '../../change.js';

type Seen = { readonly line: number; readonly message: string };

const javascriptRun =
  /(^|[^\w$.])(eval|new\s+Function|Function)\s*\(\s*(?!\s*\))|\b(globalThis|window|self)\s*(\.|\?\.)\s*(eval|Function)\s*\(|\(\s*0\s*,\s*eval\s*\)|\bvm\s*\.\s*(runIn\w+|compileFunction|Script)\b|\bimport\s*\(\s*['"`]data:|\[\s*['"`]constructor['"`]\s*\]\s*\(|\.constructor\.constructor\s*\(|\bnew vm\b|\brequire\s*\(\s*['"`](node:)?vm['"`]|=\s*eval\s*[;,)\n]|=\s*eval$|\bgetPrototypeOf\(\s*(async\b|function\b|\()[^;]*\.constructor\b|\b(globalThis|window|self|global)\s*\[[^\]]*(\+|join|atob|fromCharCode)/;
const textTimer = /\bset(Timeout|Interval)\s*\(\s*['"`]/;
const pythonRun = /(^|[^\w.])(exec|eval)\s*\(|\bcompile\s*\([^)]*['"](exec|eval)['"]|\b(marshal|pickle)\.loads\s*\(/;
const definition = /^\s*(async\s+)?(def|function)\s+(eval|exec)\b|^\s*(async\s+)?(eval|exec)\s*\([^)]*\)\s*\{/;
const notPythonRun = /(^|[^\w.])ast\.literal_eval/;

/** A word of every call below, so that most files need not be read further. */
export const mayRunText = /\b(eval|Function|vm|constructor|setTimeout|setInterval|exec|compile|loads)\b|data:/;

/** Calls that run a text as code. `lines` hold the code with strings blanked, by line of the new file. */
export function runsText(added: readonly LineFact[], lines: readonly string[]): readonly Seen[] {
  return added
    .filter(({ line, text }) => {
      const code = lines[line - 1] ?? text;
      if (definition.test(code) || notPythonRun.test(code)) return false;
      const called = javascriptRun.test(text) && stillRuns(code, text);
      return called || (textTimer.test(text) && /\bset(Timeout|Interval)\s*\(/.test(code)) || pythonRun.test(code);
    })
    .map(({ line }) => ({ line, message: 'runs a text as code' }));
}

/** The call must stand in code, not in a comment or a message that speaks of it. */
function stillRuns(code: string, text: string): boolean {
  return (
    javascriptRun.test(code) || (/\bimport\s*\(|\brequire\s*\(|\[\s*\]\s*\(/.test(code) && javascriptRun.test(text))
  );
}

const literal = /(["'`])((?:\\.|(?!\1).){160,})\1/g;

/** Long string literals whose content reads like a program, or like one packed as base64 or escapes. */
export function codeInStrings(added: readonly LineFact[], lines: readonly string[]): readonly Seen[] {
  return added.flatMap(({ line, text }) => {
    if (text.length < 160 || (lines[line - 1] ?? '').length === 0) return [];
    const texts = [...text.matchAll(literal)].map((found) => found[2] ?? '');
    return texts.some(readsLikeCode) ? [{ line, message: 'keeps code in a string' }] : [];
  });
}

function readsLikeCode(text: string): boolean {
  const words = (
    text.match(/\b(function|return|const|let|var|if|else|for|while|def|import|class|lambda)\b|=>|===/g) ?? []
  ).length;
  const marks = (text.match(/[;{}()=]/g) ?? []).length;
  if (words >= 4 && marks >= 10 && marks / text.length > 0.06) return true;
  const escapes = (text.match(/\\x[0-9a-f]{2}|\\u[0-9a-f]{4}/gi) ?? []).length;
  return escapes > 40 && (escapes * 4) / text.length > 0.6;
}
