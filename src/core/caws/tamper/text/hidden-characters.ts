/** A stretch of a line that a reader cannot see or is shown otherwise than a compiler reads it. */
export interface HiddenText {
  readonly kind: 'bidi' | 'invisible' | 'tag' | 'selector' | 'control' | 'far-right';
  readonly what: string;
  /** `smuggled`: no honest use; `scriptual`: normal in some scripts' running text (marks, joiners). */
  readonly nature: 'smuggled' | 'scriptual';
}

// Characters are written by number: this file must itself be free of them.
const suspicious =
  /[\u0000-\u0008\u000B\u000E-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF9-\uFFFB]|\uDB40|\uD82F[\uDCA0-\uDCA3]|\S[ \t\u00A0\u2000-\u200A\u3000]{100,}\S/;

/** True for most lines, at the cost of one regular expression: nothing in it can be hidden. */
export function isPlain(line: string): boolean {
  return !suspicious.test(line);
}

const emoji = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}/u;
const joiningScript =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}\p{Script=Thai}\p{Script=Lao}]/u;
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}]/u;

/** What is hidden in a line; emoji sequences, flags and joiners between letters that join are not. */
export function hiddenIn(line: string, lineNumber: number): readonly HiddenText[] {
  if (isPlain(line)) return [];
  const points = [...line];
  const found = points.flatMap((_point, index) => hiddenAt(points, index, lineNumber) ?? []);
  const far = /\S([ \t\u00A0\u2000-\u200A\u3000]{100,})\S/.exec(line);
  if (far !== null)
    found.push({ kind: 'far-right', what: `code behind ${far[1]?.length ?? 0} blanks`, nature: 'smuggled' });
  const kinds = new Map(found.toReversed().map((it) => [`${it.kind} ${it.nature}`, it]));
  return [...kinds.values()].toReversed();
}

interface Kind {
  readonly kind: HiddenText['kind'];
  readonly name: string;
  readonly nature: HiddenText['nature'];
  readonly isOfKind: (code: number) => boolean;
  /** True where the character has an honest use among its neighbours. */
  readonly isHonest?: (points: readonly string[], index: number, lineNumber: number) => boolean;
}

const isOneOf =
  (...codes: readonly number[]) =>
  (code: number): boolean =>
    codes.includes(code);

const kinds: readonly Kind[] = [
  {
    kind: 'bidi',
    name: 'bidi control',
    nature: 'smuggled',
    isOfKind: (code) => (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069),
  },
  { kind: 'bidi', name: 'direction mark', nature: 'scriptual', isOfKind: isOneOf(0x200e, 0x200f, 0x061c) },
  {
    kind: 'invisible',
    name: 'zero-width joiner',
    nature: 'smuggled',
    isOfKind: isOneOf(0x200c, 0x200d),
    isHonest: joins,
  },
  {
    kind: 'invisible',
    name: 'zero-width no-break space',
    nature: 'smuggled',
    isOfKind: isOneOf(0xfeff),
    isHonest: (_points, index, lineNumber) => lineNumber === 1 && index === 0,
  },
  { kind: 'selector', name: 'variation selector', nature: 'smuggled', isOfKind: isSelector, isHonest: selects },
  {
    kind: 'tag',
    name: 'tag character',
    nature: 'smuggled',
    isOfKind: (code) => code >= 0xe0000 && code <= 0xe007f,
    isHonest: inFlag,
  },
  { kind: 'invisible', name: 'soft hyphen', nature: 'scriptual', isOfKind: isOneOf(0xad) },
  { kind: 'invisible', name: 'invisible character', nature: 'smuggled', isOfKind: isInvisible },
  { kind: 'control', name: 'control character', nature: 'smuggled', isOfKind: isControl },
];

function hiddenAt(points: readonly string[], index: number, lineNumber: number): HiddenText | null {
  const code = points[index]?.codePointAt(0) ?? 0;
  const kind = kinds.find((it) => it.isOfKind(code));
  if (kind === undefined || kind.isHonest?.(points, index, lineNumber) === true) return null;
  const number = code.toString(16).toUpperCase().padStart(4, '0');
  return { kind: kind.kind, what: `${kind.name} U+${number}`, nature: kind.nature };
}

/** Between two emoji (a selector or a skin tone may stand between), or next to a letter of a script that joins. */
function joins(points: readonly string[], index: number): boolean {
  const before = points[index - 1] ?? '';
  const left = before === '\uFE0F' ? (points[index - 2] ?? '') : before;
  const after = points[index + 1] ?? '';
  return (
    (emoji.test(left) && emoji.test(after)) ||
    (joiningScript.test(before) && (after === '' || /[\p{L}\s\p{P}]/u.test(after)))
  );
}

function isSelector(code: number): boolean {
  return (
    (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef) || (code >= 0x180b && code <= 0x180d)
  );
}

/** One selector after an emoji, a symbol, a keycap's digit or an ideograph chooses its look; a run of them carries data. */
function selects(points: readonly string[], index: number): boolean {
  const before = points[index - 1] ?? '';
  const after = points[index + 1] ?? '';
  if (isSelector(after.codePointAt(0) ?? 0)) return false;
  const looks = points[index] === '\uFE0E' || points[index] === '\uFE0F';
  if (!looks) return wide.test(before) || /[\p{S}\p{Nd}]/u.test(before);
  return emoji.test(before) || /[\p{S}\p{Po}]/u.test(before) || after === '\u20E3';
}

/** England, Scotland, Wales: a black flag, tag letters, a cancel tag. */
function inFlag(points: readonly string[], index: number): boolean {
  const before = points.slice(Math.max(0, index - 7), index);
  const flag = before.lastIndexOf('\u{1F3F4}');
  return flag !== -1 && before.slice(flag + 1).every((point) => /^[\u{E0020}-\u{E007F}]$/u.test(point));
}

function isInvisible(code: number): boolean {
  return (
    code === 0x200b ||
    (code >= 0x2060 && code <= 0x2065) ||
    (code >= 0x206a && code <= 0x206f) ||
    [0x115f, 0x1160, 0x17b4, 0x17b5, 0x180e, 0x180f, 0x2800, 0x3164, 0xffa0].includes(code) ||
    (code >= 0xfff9 && code <= 0xfffb) ||
    (code >= 0x1bca0 && code <= 0x1bca3)
  );
}

function isControl(code: number): boolean {
  if (code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d || code === 0x85) return false;
  return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}
