#!/bin/sh
# Finds a weakened test in any git repository, without a spec, a policy or a set-up. Run by: npm run examples
set -eu
arbiter() { node "$ARBITER_HOME/bin/main.js" "$@"; }
export GIT_AUTHOR_NAME=You GIT_AUTHOR_EMAIL=you@example.com GIT_COMMITTER_NAME=You GIT_COMMITTER_EMAIL=you@example.com

# region readme
git init -q -b main .
echo 'export const total = (prices) => prices.reduce((sum, price) => sum + price, 0);' > total.js
cat > total.test.js <<'END'
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from './total.js';
test('adds what is in the cart', () => assert.equal(total([2, 3]), 5));
END
git add . && git commit -q -m 'A cart that adds'

# A worker breaks the sum, and teaches the test to agree.
echo 'export const total = (prices) => prices.reduce((sum, price) => sum - price, 0);' > total.js
cat > total.test.js <<'END'
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from './total.js';
test('adds what is in the cart', () => assert.equal(total([2, 3]), -5));
END

status=0
arbiter examine || status=$? # the work tree against HEAD
echo "exit $status"          # 2: someone has to waive it
# endregion

test "$status" -eq 2
