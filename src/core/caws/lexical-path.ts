/** Why a path may not be judged as a path at all, or null. Segments are divided by `/`. @see constitution §3 part 2 */
export function refusePath(path: string): string | null {
  if (path === '') return 'it is empty';
  if (path.includes('\0')) return 'it holds a NUL character';
  if (path.includes('\\')) return 'it holds a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute';
  const segments = path.split('/');
  if (segments.includes('..')) return 'it climbs out with ".."';
  if (segments.some((segment) => segment === '' || segment === '.')) return 'it has an empty or "." segment';
  if (segments.some((segment) => foldName(segment) === '.git')) return 'it names a .git directory';
  return null;
}

const bidi = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
const invisible =
  /[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B-\u200D\u2060-\u2064\u206A-\u206F\u3164\uFEFF\uFFA0]|\uDB40[\uDC00-\uDFFF]/;
const everyInvisible = new RegExp(invisible, 'g');
const plainName = /^[\w./-]*[\w/-]$/;
const control = /[\u0001-\u001F\u007F-\u009F]/;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** What makes a path read as another than it is, or null: bidi and invisible characters, controls, bytes, mixed scripts. */
export function findConfusion(path: string): { readonly what: string; readonly grave: boolean } | null {
  if (bidi.test(path)) return { what: 'bidirectional control characters', grave: true };
  if (loneSurrogate.test(path)) return { what: 'bytes that are not UTF-8', grave: false };
  if (invisible.test(path)) return { what: 'invisible characters', grave: true };
  if (control.test(path)) return { what: 'control characters', grave: false };
  if (path.normalize('NFC') !== path) return { what: 'characters that are not in Unicode NFC', grave: false };
  if (path.split(/[^\p{L}\p{M}]+/u).some(mixesScripts))
    return { what: 'letters of scripts that look alike', grave: true };
  return null;
}

// Within one word: a Greek name with a Latin ending is honest.
function mixesScripts(word: string): boolean {
  const latin = /\p{Script=Latin}/u.test(word);
  const lookalike = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(word);
  return latin && lookalike;
}

/** A name as the most careless file system compares it: NFC, no case, no invisible characters, no trailing dots. */
export function foldName(name: string): string {
  // Nearly every name is plain, and only its case can differ.
  if (plainName.test(name)) return name.toLowerCase();
  return name
    .normalize('NFKC')
    .replaceAll(everyInvisible, '')
    .toLowerCase()
    .replace(/[. ]+$/, (tail) => (tail.length === name.length ? tail : ''));
}
