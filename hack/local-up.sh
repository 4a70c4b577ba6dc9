#!/usr/bin/env bash
# Brings up a control plane and three member clusters on this machine, joined and Ready, and propagates samples/nginx.
#   hack/local-up.sh [--members embedded|kind|kubeconfig=NAME=FILE[@CONTEXT],…] [--home DIR] [--port N] [--no-sample] [--log-level LEVEL]
# It stays up in the background; hack/local-down.sh ends it. Running it again is harmless.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

members=embedded home=${FLOTILLA_HOME:-$HOME/.flotilla} port=5443 sample=yes level=info
while [ $# -gt 0 ]; do
  case $1 in
    --members) members=${2:?--members needs embedded, kind or kubeconfig=…}; shift ;;
    --home) home=$(realpath -m "${2:?--home needs a directory}"); shift ;;
    --port) port=${2:?--port needs a number}; shift ;;
    --log-level) level=${2:?--log-level needs a level}; shift ;;
    --no-sample) sample=no ;;
    -h | --help) sed -n '2,5p' "$0"; exit 0 ;;
    *) echo "local-up.sh: there is no option $1: see hack/local-up.sh --help" >&2; exit 2 ;;
  esac
  shift
done

case $members in
  embedded | kind | kubeconfig=*) ;;
  *) echo "--members takes embedded, kind or kubeconfig=NAME=FILE[@CONTEXT],…, not $members" >&2; exit 2 ;;
esac

"$root/hack/setup.sh"
flotilla="node $root/dist/cli/main.js"
# shellcheck source=hack/kubectl.sh
. "$root/hack/kubectl.sh"
mkdir -p -m 700 "$home" "$home/logs" "$home/pids" "$home/members"

alive() { [ -f "$home/pids/$1.pid" ] && kill -0 "$(cat "$home/pids/$1.pid")" 2>/dev/null; }

# start NAME COMMAND…: in the background, unless it runs already
start() {
  local name=$1
  shift
  alive "$name" && return
  setsid nohup "$@" >>"$home/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$home/pids/$name.pid"
}

# await WHAT SECONDS COMMAND…
await() {
  local what=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "$what did not happen in time: see the logs in $home/logs" >&2; exit 1; }
    sleep 0.1
  done
}

if ! alive flotilla && node -e "require('node:net').connect($port, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"; then
  echo "port $port is in use: choose another with --port, or stop what listens there" >&2
  exit 1
fi

echo "starting the control plane on port $port"
start flotilla $flotilla up --home "$home" --port "$port" --log-level "$level"

names=()
case $members in
  embedded)
    names=(member1 member2 member3)
    echo "starting ${#names[@]} embedded members"
    for name in "${names[@]}"; do start "$name" $flotilla member --name "$name" --home "$home" --log-level "$level"; done
    config=$home/members.config
    ;;
  kind)
    command -v kind >/dev/null || { echo "--members kind needs kind: install it, or use --members embedded" >&2; exit 1; }
    names=(member1 member2 member3)
    config=$home/members.config
    files=
    for name in "${names[@]}"; do
      file=$home/members/$name.config
      kind get clusters 2>/dev/null | grep -qx "$name" || kind create cluster --name "$name" --kubeconfig "$file"
      kind export kubeconfig --name "$name" --kubeconfig "$file"
      "$kubectl" --kubeconfig "$file" config rename-context "kind-$name" "$name" >/dev/null 2>&1 || true
      files=${files:+$files:}$file
    done
    KUBECONFIG=$files "$kubectl" config view --flatten >"$config"
    ;;
  kubeconfig=*)
    config=
    IFS=, read -ra pairs <<<"${members#kubeconfig=}"
    ;;
esac

await "the control plane's readiness" 60 "$kubectl" --kubeconfig "$home/karmada.config" get --raw /readyz
case $members in
  kubeconfig=*)
    for pair in "${pairs[@]}"; do
      name=${pair%%=*} file=${pair#*=} context=
      [ "$name" != "$pair" ] || { echo "--members kubeconfig=… wants NAME=FILE[@CONTEXT], not $pair" >&2; exit 2; }
      case $file in *@*) context=${file##*@} file=${file%@*} ;; esac
      names+=("$name")
      $flotilla join "$name" --home "$home" --if-absent --cluster-kubeconfig "$file" ${context:+--cluster-context "$context"}
    done
    ;;
  *)
    for name in "${names[@]}"; do await "$name's readiness" 60 "$kubectl" --kubeconfig "$config" --context "$name" get --raw /readyz; done
    $flotilla join "${names[@]}" --home "$home" --if-absent --cluster-kubeconfig "$config"
    ;;
esac

hub="$kubectl --kubeconfig $home/karmada.config"
for name in "${names[@]}"; do await "readiness of cluster $name" 60 $hub wait --for=condition=Ready "cluster/$name" --timeout=1s; done

if [ $sample = yes ]; then
  $hub apply -f "$root/samples/nginx" >/dev/null
  await "propagation of samples/nginx" 60 sh -c "$hub get works -A --no-headers 2>/dev/null | grep -q nginx"
  await "readiness of samples/nginx" 60 sh -c "[ \"\$($hub get deployment nginx -o jsonpath='{.status.readyReplicas}')\" -gt 0 ]"
  echo
  echo "samples/nginx runs here:"
  $hub get resourcebinding nginx-deployment -o jsonpath='{range .status.aggregatedStatus[*]}{"  "}{.clusterName}{": "}{.status.readyReplicas}{" of "}{.status.replicas}{" replicas ready\n"}{end}'
fi

cat <<EOF

control plane   $home/karmada.config (context karmada-apiserver)
members         ${config:-the kubeconfigs you named}
logs            $home/logs

Try:
  export KUBECONFIG=$home/karmada.config
  $kubectl get clusters
  $kubectl get deployments,resourcebindings,works -A
  $kubectl scale deployment nginx --replicas=8
EOF
