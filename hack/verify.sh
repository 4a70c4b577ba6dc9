#!/usr/bin/env bash
# Checks what needs no run of the program: types, style, dead code, the package and the generated CRDs. All are run, also after a fault.
#   hack/verify.sh          all
#   hack/verify.sh NAME…    some of: types lint unused package crds
#   hack/verify.sh --list   their names
set -uo pipefail
cd "$(dirname "$0")/.."

check() {
  case $1 in
    types) npx tsc --noEmit ;;
    lint) npx biome check --diagnostic-level=error . ;;
    unused) npx knip --no-progress ;;
    package) hack/setup.sh && npx publint --strict ;;
    crds) npx tsx hack/crds.ts --verify ;;
    *) echo "no check $1; there are: $checks" >&2; return 2 ;;
  esac
}
checks="types lint unused package crds"

case ${1:-} in
  --list) echo "$checks"; exit 0 ;;
  -h | --help) sed -n '2,5p' "$0"; exit 0 ;;
esac
status=0
for name in ${*:-$checks}; do
  [ $# -eq 1 ] || echo "== $name"
  check "$name" || status=1
done
exit $status
