import type { FileFacts } from '../file-facts.js';
import { findingOf } from '../finding.js';
import type { TamperRule } from './tamper-rule.js';

// Folders and files of agents are matched in any case: a case-blind file system hands `.Claude/` to the agent as well.
const folders =
  /(^|\/)\.(caws|claude|cursor|windsurf|roo|clinerules|continue|codex|gemini|qwen|kiro|junie|augment|amazonq|opencode|trae|agents?|aider)\//i;
const files =
  /(^|\/)(\.cursorrules|\.cursorignore|\.windsurfrules|\.clinerules|\.roorules|\.roomodes|\.goosehints|\.augment-guidelines|\.aider\.conf\.ya?ml|\.mcp\.json|\.vscode\/mcp\.json|\.junie\/guidelines\.md|opencode\.jsonc?)$/i;
const copilot = /(^|\/)\.github\/(copilot-instructions\.md$|(instructions|prompts|chatmodes|agents|copilot|skills)\/)/i;
// Spelled as agents look for it, at any depth; in another case only at the root, since `docs/agents.md` is a document.
const instructions = /(^|\/)(AGENTS?|AGENTS\.override|CLAUDE|CLAUDE\.local|GEMINI|QWEN|WARP|CRUSH|JULES|COPILOT)\.md$/;
const rootInstructions = /^(agents?|claude|claude\.local|gemini|qwen|warp|crush|copilot)\.md$/i;

/** True for specs, policies, waivers, keys and whatever tells an agent what to do. */
function isGovernancePath(path: string): boolean {
  return [folders, files, copilot, instructions, rootInstructions].some((pattern) => pattern.test(path));
}

/**
 * D13: a change that touches its own law. Paths only, both sides of a rename, deletions and mode changes too. What
 * a repository keeps elsewhere is protected by `protected` of its `.caws/arbiter.yaml`, not by this rule.
 */
export const governanceFiles: TamperRule = {
  id: 'D13',
  clause: 'constitution §3 part 6, D13',
  severity: 'block',
  why: 'a change may not alter the spec, policy, waivers or agent instructions that it is judged and made by.',
  mend: 'take this file out of the change; a human changes it in a governance commit of its own.',
  examineFile: ({ file }: FileFacts) => {
    const path = [file.newPath, file.oldPath].find((side) => side !== null && isGovernancePath(side));
    if (path === undefined || path === null) return [];
    const what = /(^|\/)\.caws\//i.test(path) ? 'a file of the constitution' : 'instructions to agents';
    const did = { A: 'adds', M: 'changes', D: 'deletes', T: 'changes the type of', R: 'moves' }[file.status];
    return [findingOf(governanceFiles, `${did} ${what}`, { path })];
  },
};
