/**
 * OpenSSH's match of a text against a pattern list: `*` any run, `?` any one character, a leading `!` forbids and wins
 * over every other pattern. A list without a plain match matches nothing, and so does an empty list.
 * @see ssh_config(5), PATTERNS
 */
export function matchesPrincipal(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!') && matchesPattern(pattern.slice(1), text)) return false;
    if (!pattern.startsWith('!') && matchesPattern(pattern, text)) matched = true;
  }
  return matched;
}

// Greedy with one step back: linear in practice and quadratic at worst, where a regular expression could explode.
function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let index = 0;
  while (index < text.length) {
    const symbol = pattern[at];
    if (symbol === '*') {
      star = at;
      resume = index;
      at += 1;
    } else if (symbol === '?' || symbol === text[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
