import type { Signer } from '../../ports/signer.js';

/** Where GitHub looks for the check. */
export const workflowPath = '.github/workflows/arbiter-verify.yml';

/** What only an owner of the repository can set on the forge itself. */
export const workflowSteps: readonly string[] = [
  'on GitHub, set the repository variable ARBITER_PACKAGE to the package or archive that you install arbiter from',
  'on GitHub, for the protected branch: require the check "arbiter-verify", require branches to be up to date, and allow no merge or squash commits where you can: each one has to be judged again (arbiter readjudicate), and the job "arbiter-audit" fails until it is',
];

/**
 * The required check: whole history, the record, and `arbiter verify` over what the branch would add. The root key
 * stands in the workflow itself, so that no pull request can bring its own: pull_request_target runs the base's file. After
 * a push to the protected branch, `arbiter audit` names what slipped past: what was pushed, a rewritten history included,
 * and all since the first governed commit, so that it is named until it is covered or taken back.
 */
export function renderWorkflow(root: Signer): string {
  return `# Made by arbiter init --github. Changed by humans only.
name: arbiter-verify
on:
  pull_request_target:
  push:
    branches: [main, master]
  workflow_dispatch:
permissions:
  contents: read
jobs:
  arbiter-verify:
    name: arbiter-verify
    if: github.event_name == 'pull_request_target'
${setup}      - name: each commit has a verdict of its own
        env:
          BASE: \${{ github.event.pull_request.base.sha }}
          HEAD: \${{ github.event.pull_request.head.sha }}
        run: |
          printf '%s\\n' '${root.publicKey}' > "$RUNNER_TEMP/root.pub"
          arbiter verify "$BASE..$HEAD" --root "$RUNNER_TEMP/root.pub"
  arbiter-audit:
    name: arbiter-audit
    if: github.event_name != 'pull_request_target'
${setup}      - name: nothing slipped onto the branch
        env:
          BEFORE: \${{ github.event.before }}
          AFTER: \${{ github.sha }}
        run: |
          printf '%s\\n' '${root.publicKey}' > "$RUNNER_TEMP/root.pub"
          arbiter audit "$AFTER" --root "$RUNNER_TEMP/root.pub"
          case "$BEFORE" in
            ''|0000000000000000000000000000000000000000) ;;
            *) git fetch --quiet origin "$BEFORE" || true
               arbiter audit "$AFTER" --base "$BEFORE" --root "$RUNNER_TEMP/root.pub" ;;
          esac
`;
}

/** What both jobs begin with: the whole history, the record, the change, and Arbiter. Nothing of the change is run. */
const setup = `    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-node@v4
        with:
          node-version: 20
      - name: fetch the record and the change; nothing of the change is run
        env:
          NUMBER: \${{ github.event.pull_request.number }}
        run: |
          git fetch origin refs/caws/ledger:refs/caws/ledger
          if [ -n "$NUMBER" ]; then git fetch origin "refs/pull/$NUMBER/head"; fi
      - name: install arbiter
        env:
          ARBITER_PACKAGE: \${{ vars.ARBITER_PACKAGE }}
        run: npm install --global --ignore-scripts "\${ARBITER_PACKAGE:?set the variable ARBITER_PACKAGE to where arbiter is installed from}"
`;
