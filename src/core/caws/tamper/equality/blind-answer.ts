/** A method as text: what it is given, and what it does. */
export interface Method {
  readonly name: string;
  /** Class around it, empty when none. */
  readonly owner: string;
  readonly parameters: readonly string[];
  readonly bodyText: string;
}

const yes = /^\(?(true|True|!0|!!1|1|not (False|0|None)|Boolean\(1\)|bool\(1\)|1 ===? 1)\)?$/;
const no = /^\(?(false|False|!1|!!0|0|not (True|1)|bool\(0\))\)?$/;
const alwaysTrueParts = /\|\| (true|!0)\b|\b(true|!0) \|\||\bor True\b|\bTrue or\b|isinstance\(\w+, object\)/;
const sameOperands = /^(\w+) (===?|==|is) \1$/;

/** Texts of what a body returns, outermost or not; the whole body for an arrow function that is one expression. */
function returnsOf(bodyText: string): readonly string[] {
  const returned = [...bodyText.matchAll(/\breturn\b ?([^;{}]*)/g)].map((match) => (match[1] ?? '').trim());
  return returned.length > 0 || /[;{]/.test(bodyText) ? returned : [bodyText.trim()];
}

function bareName(parameter: string): string {
  return /^(?:\.\.\.)?\*{0,2}([\w$]+)/.exec(parameter)?.[1] ?? parameter;
}

/** True when none of the parameters plays a part in the body: whatever is given, the answer is the same. */
export function ignores(bodyText: string, parameters: readonly string[]): boolean {
  const names = parameters.map(bareName);
  // `void other` and `other = None` are uses in name only.
  const text = bodyText.replace(/\bvoid [\w$]+;?|\bdel \w+;?|\b[\w$]+ = (None|null|undefined|0);?/g, '');
  return (
    !/\b(arguments|super|throw|raise|NotImplemented)\b|…/.test(text) && !names.some((name) => mentions(text, name))
  );
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(^|[^\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text);
}

/** What an equality method answers to everything: `true`, `false`, or null where it depends on what it is given. */
export function blindAnswer(method: Method): boolean | null {
  const { bodyText } = method;
  const returns = returnsOf(bodyText);
  if (returns.length === 0 || bodyText.includes('…')) return null;
  if (returns.every((it) => isYes(it, bodyText))) return true;
  if (returns.every((it) => no.test(it))) return false;
  if (returns.some((it) => no.test(it))) return null;
  const compared = method.parameters.filter((it) => !/^(self|cls|this)\b/.test(it));
  return compared.length > 0 && ignores(bodyText, compared) ? true : null;
}

function isYes(returned: string, bodyText: string): boolean {
  if (yes.test(returned) || alwaysTrueParts.test(returned) || sameOperands.test(returned)) return true;
  // `const same = true; return same`
  return /^[\w$]+$/.test(returned) && new RegExp(`\\b${returned} = (true|True|!0|1)(;|$)`).test(bodyText);
}

/** A Python `lambda` in normal form as a method, null when the text is none. */
export function lambdaOf(name: string, owner: string, text: string): Method | null {
  const parts = /^lambda ?([^:]*): (.+)$/.exec(text);
  if (parts === null) return null;
  const parameters = (parts[1] ?? '').split(',').map((it) => it.trim());
  return { name, owner, parameters: parameters.filter((it) => it !== ''), bodyText: parts[2] ?? '' };
}
