#!/usr/bin/env bash
# Makes the checkout runnable: Node version, packages, and the compiled program where it is missing or older than its sources.
#   hack/setup.sh         packages and build
#   hack/setup.sh --dev   the same; for tests
set -euo pipefail
cd "$(dirname "$0")/.."

command -v node >/dev/null || { echo "Flotilla needs Node.js 20.19 or newer: install it from your package manager" >&2; exit 1; }
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  { echo "Flotilla needs Node.js 20.19 or newer, this is $(node --version): update it" >&2; exit 1; }

command -v npm >/dev/null || { echo "Flotilla needs npm to install its packages: it comes with Node.js, or in a package of its own" >&2; exit 1; }
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "installing packages" >&2
  # Not npm ci: it refuses a lock file without the optional packages of other platforms, which some registries do not carry.
  npm install --no-save --no-audit --no-fund --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
if [ ! -f dist/cli/main.js ] || [ -n "$(find kube crds interpreter webhook estimator apiserver controllers scheduler members cli -newer dist/cli/main.js -type f -print -quit)" ]; then
  echo "building" >&2
  npm run --silent build >&2
  touch dist/cli/main.js
fi
