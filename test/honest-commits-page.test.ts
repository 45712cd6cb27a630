import { expect, it } from 'vitest';
import { renderHonestCommits } from '../scripts/honest-commits-page.js';
import type { Finding, Severity } from '../src/core/caws/finding.js';

function finding(rule: string, severity: Severity): Finding {
  return { rule, severity, clause: 'c', path: 'a', line: null, message: 'm', why: 'w', mend: 'm' };
}

function commit(id: string, ...findings: Finding[]) {
  return { repository: 'x/y', id: id.repeat(40), findings };
}

const options = { take: 5, date: '2026-01-01' };

it('counts a commit by the gravest of its findings, and governance apart from blocks', () => {
  const page = renderHonestCommits(
    [
      commit('a', finding('D8', 'block'), finding('D12', 'block')),
      commit('b', finding('D12', 'block'), finding('D14', 'waivable')),
      commit('c', finding('D14', 'advisory'), finding('D4', 'waivable')),
      commit('d', finding('D6', 'advisory')),
      commit('e'),
    ],
    options,
  );
  expect(page).toContain('| x/y | `eeeeeeeeee` … `aaaaaaaaaa` | 5 | 1 | 1 | 1 | 1 | 1 |');
  expect(page).toContain('| D12 | 2 | 0 | 0 | 40.0 % |');
  expect(page).toContain('| D14 | 0 | 1 | 1 | 20.0 % |');
});

it('says nothing of rates where there are no commits', () => {
  expect(renderHonestCommits([], options)).toContain('**0 commits: 0 (–) blocked');
});
