#!/usr/bin/env bash
# Runs the tests; does all set-up itself.
#   hack/test.sh                    everything: checks, unit, contract and whole-plane tests, then end to end with real kubectl and helm
#   hack/test.sh unit               all but end to end
#   hack/test.sh e2e [--members embedded|kind|kubeconfig=NAME=FILE[@CONTEXT],…] [--plane own|kubeconfig=FILE[@CONTEXT]]
#   hack/test.sh conformance        the checklist of the API server with five kubectls, three helms and other clients
#   hack/test.sh ci                 everything and conformance
# It closes with a line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."

what=all
members=embedded
plane=own
while [ $# -gt 0 ]; do
  case $1 in
    unit | e2e | conformance | ci | all) what=$1 ;;
    --members) members=${2:?--members needs embedded, kind or kubeconfig=…}; shift ;;
    --plane) plane=${2:?--plane needs own or kubeconfig=FILE}; shift ;;
    -h | --help) sed -n '2,8p' "$0"; exit 0 ;;
    *) echo "hack/test.sh: there is no option $1: see hack/test.sh --help" >&2; exit 2 ;;
  esac
  shift
done

hack/setup.sh --dev || exit 1
mkdir -p .cache/results
rm -f .cache/results/*.json
status=0

# step NAME COMMAND…: counts as one test of its own
step() {
  local name=$1
  shift
  echo "== $name"
  if "$@"; then echo '{"numPassedTests":1,"numFailedTests":0}' >".cache/results/$name.json"
  else
    echo '{"numPassedTests":0,"numFailedTests":1}' >".cache/results/$name.json"
    status=1
  fi
}

suite() {
  echo "== $1"
  npx vitest run --config "$2" --reporter=default --reporter=json --outputFile=".cache/results/$1.json" || status=1
}

case $what in
  unit) parts="unit" ;;
  e2e) parts="e2e" ;;
  conformance) parts="conformance" ;;
  ci) parts="unit e2e conformance" ;;
  all) parts="unit e2e" ;;
esac
wants() { [[ " $parts " == *" $1 "* ]]; }

if wants unit; then
  for name in $(hack/verify.sh --list); do step "$name" hack/verify.sh "$name"; done
  suite unit vitest.config.ts
fi
if wants e2e; then
  hack/tools.sh || exit 1
  FLOTILLA_MEMBERS=$members FLOTILLA_PLANE=$plane suite e2e vitest.e2e.config.ts
fi
if wants conformance; then
  hack/tools.sh conformance || exit 1
  echo "== conformance"
  npx tsx test/conformance/main.ts --counts .cache/results/conformance.json || status=1
fi
node hack/count-results.mjs .cache/results || status=1
exit $status
