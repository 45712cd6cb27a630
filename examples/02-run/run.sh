#!/bin/sh
# From words to a signed verdict, with an agent that is a script: what `arbiter run` does with a real one.
set -eu
arbiter() { node "$ARBITER_HOME/bin/main.js" "$@"; }
work=$(mktemp -d)
trap 'arbiter down >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
export HOME=$work/home
mkdir -p "$HOME" "$work/repository"
cd "$work/repository"
git config --global user.name Example
git config --global user.email example@example.org

git init -q -b main .
cat > package.json <<'END'
{ "name": "cart", "version": "1.0.0", "private": true, "type": "module", "scripts": { "test": "node --test" } }
END
mkdir src test
echo 'export const total = (prices) => prices.reduce((sum, price) => sum + price, 1);' > src/total.js
cat > test/total.test.js <<'END'
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { total } from '../src/total.js';
it('is more than nothing', () => assert.ok(total([2, 3]) > 0));
END
git add . && git commit -q -m 'A cart that adds one too many'

arbiter init > /dev/null 2>&1
arbiter spec new --id CART-001 --title 'The total is the sum of the prices' --mode fix --tier 3 --in src test \
  --invariant 'an empty cart costs nothing' --accept 'prices 2 and 3 | the total is taken | it is 5' > /dev/null 2>&1
git add . && git commit -q -m 'Govern, and say what is wanted'

# An agent gets its prompt as an argument, works in a private clone, and says what it did in words and one JSON block.
cat > "$work/agent.sh" <<'END'
#!/bin/sh
case "$1" in
*'You plan a change'*)
  printf '%s\n' '```json' '{"files": [{"path": "src/total.js", "lines": 2}, {"path": "test/total.test.js", "lines": 1}]}' '```' ;;
*)
  sed -i 's/, 1)/, 0)/' src/total.js
  echo "it('adds', () => assert.equal(total([2, 3]), 5));" >> test/total.test.js
  printf '%s\n' '```json' '{"rationale": {"summary": "src/total.js began at 1; test/total.test.js shows that it begins at 0"}}' '```' ;;
esac
END
chmod +x "$work/agent.sh"
arbiter agents add script -- "$work/agent.sh" '{prompt}'
arbiter run 'The total of 2 and 3 must be 5' --agent script
test "$(git status --porcelain)" = '' # the repository is as it was; the candidate is kept under refs/arbiter
git for-each-ref --format='%(refname)' refs/arbiter | grep -q refs/arbiter/tasks/
