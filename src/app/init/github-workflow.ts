import type { Signer } from '../../ports/signer.js';

/** Where GitHub looks for the check. */
export const workflowPath = '.github/workflows/arbiter-verify.yml';

/** What only an owner of the repository can set on the forge itself. */
export const workflowSteps: readonly string[] = [
  'on GitHub, set the repository variable ARBITER_PACKAGE to the package or archive that you install arbiter from',
  'on GitHub, for the protected branch: require the check "arbiter-verify", require branches to be up to date, allow no merge or squash commits',
];

/**
 * The required check: whole history, the record, and `arbiter verify` over what the branch would add. The root key
 * stands in the workflow itself, so that no pull request can bring its own: pull_request_target runs the base's file.
 */
export function renderWorkflow(root: Signer): string {
  return `# Made by arbiter init --github. Changed by humans only.
name: arbiter-verify
on:
  pull_request_target:
  push:
    branches: [main, master]
permissions:
  contents: read
jobs:
  arbiter-verify:
    name: arbiter-verify
    runs-on: ubuntu-latest
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
      - name: each commit has a verdict of its own
        env:
          BASE: \${{ github.event.pull_request.base.sha || github.event.before }}
          HEAD: \${{ github.event.pull_request.head.sha || github.event.after }}
        run: |
          printf '%s\\n' '${root.publicKey}' > "$RUNNER_TEMP/root.pub"
          arbiter verify "$BASE..$HEAD" --root "$RUNNER_TEMP/root.pub"
`;
}
