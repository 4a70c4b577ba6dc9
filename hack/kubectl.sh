# Sourced by the other scripts: sets $kubectl to the pinned one in .cache/bin/, or to the one on the PATH.
kubectl=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.cache/bin/kubectl
[ -x "$kubectl" ] || kubectl=$(command -v kubectl || true)
if [ -z "$kubectl" ]; then
  "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
  kubectl=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.cache/bin/kubectl
fi
