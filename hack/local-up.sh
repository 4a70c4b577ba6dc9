#!/usr/bin/env bash
# Brings up a control plane and three member clusters on this machine, joined and Ready, and propagates samples/nginx.
#   hack/local-up.sh [--members embedded|kind|kubeconfig=NAME=FILE[@CONTEXT],…] [--home DIR] [--port N] [--no-sample] [--log-level LEVEL]
#                    [--plane own|kubeconfig=FILE[@CONTEXT]]
# It stays up in the background; hack/local-down.sh ends it. Running it again is harmless.
# With --plane kubeconfig=… the API server of the control plane is that one, on this machine, and --port is where it asks our webhooks.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

# wrong TEXT, fail TEXT: one line that says what to do, and the end; the first for what was typed
wrong() { echo "$1" >&2; exit 2; }
fail() { echo "$1" >&2; exit 1; }

members=embedded plane=own home=${FLOTILLA_HOME:-$HOME/.flotilla} port=5443 sample=yes level=info
while [ $# -gt 0 ]; do
  case $1 in
    --members | --plane | --home | --port | --log-level) [ -n "${2:-}" ] || wrong "$1 needs a value: see hack/local-up.sh --help" ;;
  esac
  case $1 in
    --members) members=$2; shift ;;
    --plane) plane=$2; shift ;;
    --home) home=$(realpath -m "$2"); shift ;;
    --port) port=$2; shift ;;
    --log-level) level=$2; shift ;;
    --no-sample) sample=no ;;
    -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;;
    *) wrong "there is no option $1: see hack/local-up.sh --help" ;;
  esac
  shift
done

[[ $port =~ ^[0-9]{1,5}$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] || wrong "--port takes a number from 1 to 65535, not $port"
case $members in
  embedded | kind | kubeconfig=*) ;;
  *) wrong "--members takes embedded, kind or kubeconfig=NAME=FILE[@CONTEXT],…, not $members" ;;
esac

plane_file=${plane#kubeconfig=} plane_context=
case $plane_file in *@*) plane_context=${plane_file##*@} plane_file=${plane_file%@*} ;; esac
case $plane in
  own) main=flotilla ;;
  kubeconfig=*) main=webhook && [ -r "$plane_file" ] || fail "there is no kubeconfig $plane_file (for the control plane)" ;;
  *) wrong "--plane takes own or kubeconfig=FILE[@CONTEXT], not $plane" ;;
esac

[ "$members" != kind ] || command -v kind >/dev/null || fail "--members kind needs kind: install it, or use --members embedded"
# Wrong members are refused before anything starts.
pairs=()
case $members in kubeconfig=*) IFS=, read -ra pairs <<<"${members#kubeconfig=}" ;; esac
for pair in "${pairs[@]+"${pairs[@]}"}"; do
  file=${pair#*=}
  case $file in *@*) file=${file%@*} ;; esac
  [ "${pair%%=*}" != "$pair" ] && [ -n "$file" ] || wrong "--members kubeconfig=… wants NAME=FILE[@CONTEXT], not $pair"
  [ -r "$file" ] || fail "there is no kubeconfig $file (for ${pair%%=*})"
done

"$root/hack/setup.sh"
flotilla="node $root/dist/cli/main.js"
# shellcheck source=hack/kubectl.sh
. "$root/hack/kubectl.sh"
mkdir -p -m 700 "$home" "$home/logs" "$home/pids" "$home/members"

# alive NAME: a pid may have been given to another program since
alive() {
  local pid
  pid=$(cat "$home/pids/$1.pid" 2>/dev/null) && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q 'dist/cli/main.js'
}

# start NAME COMMAND…: in the background, unless it runs already
started=()
start() {
  local name=$1
  shift
  started+=("$name")
  alive "$name" && return
  setsid nohup "$@" >>"$home/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$home/pids/$name.pid"
}

# await WHAT SECONDS COMMAND…; what ends meanwhile is told of by what it said last, and nothing is left running
await() {
  local what=$1 deadline=$((SECONDS + $2)) name said
  shift 2
  until "$@" >/dev/null 2>&1; do
    for name in "${started[@]}"; do
      alive "$name" && continue
      said=$(tail -n 1 "$home/logs/$name.log" | sed 's/^error: //')
      "$root/hack/local-down.sh" --home "$home" >/dev/null
      fail "$name ended: $said"
    done
    [ $SECONDS -lt $deadline ] || fail "$what did not happen in time: see the logs in $home/logs"
    sleep 0.1
  done
}

# kind_cluster NAME FILE: makes the cluster or starts it again, and writes its kubeconfig; what is made here is ended by local-down.sh.
kind_cluster() {
  local name=$1 file=$2
  if kind get clusters 2>/dev/null | grep -qx "$name"; then
    if grep -qsx "$name" "$home/members/kind" && command -v docker >/dev/null; then docker start "$name-control-plane" >/dev/null 2>&1 || true; fi
  else
    kind create cluster --name "$name" --kubeconfig "$file" || fail "kind could not make cluster $name: see what it says above"
    echo "$name" >>"$home/members/kind"
    made+=("$name")
  fi
  kind export kubeconfig --name "$name" --kubeconfig "$file" >/dev/null 2>&1 ||
    fail "kind gives no kubeconfig of cluster $name: delete it with kind delete cluster --name $name"
}
made=()

if ! alive $main && node -e "require('node:net').connect($port, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"; then
  fail "port $port is in use: choose another with --port, or stop what listens there"
fi

if alive $main; then echo "the control plane of $home runs already"; else echo "starting the control plane on port $port"; fi
case $plane in
  own) start flotilla $flotilla up --home "$home" --port "$port" --log-level "$level" ;;
  *)
    (umask 077 && "$kubectl" --kubeconfig "$plane_file" ${plane_context:+--context "$plane_context"} config view --flatten --minify >"$home/karmada.config")
    quiet="--metrics-bind-address 0 --health-probe-bind-address 0 --log-level $level"
    start controllers $flotilla controllers --kubeconfig "$home/karmada.config" --install-crds $quiet
    start webhook $flotilla webhook --kubeconfig "$home/karmada.config" --home "$home" --bind-address 127.0.0.1 --secure-port "$port" --install-configurations $quiet
    start scheduler $flotilla scheduler --kubeconfig "$home/karmada.config" $quiet
    ;;
esac

names=()
case $members in
  embedded)
    names=(member1 member2 member3)
    for name in "${names[@]}"; do alive "$name" || { echo "starting ${#names[@]} embedded members" && break; }; done
    for name in "${names[@]}"; do start "$name" $flotilla member --name "$name" --home "$home" --log-level "$level"; done
    config=$home/members.config
    ;;
  kind)
    names=(member1 member2 member3)
    config=$home/members.config
    files=
    for name in "${names[@]}"; do
      file=$home/members/$name.config
      kind_cluster "$name" "$file"
      "$kubectl" --kubeconfig "$file" config delete-context "$name" >/dev/null 2>&1 || true
      "$kubectl" --kubeconfig "$file" config rename-context "kind-$name" "$name" >/dev/null
      files=${files:+$files:}$file
    done
    KUBECONFIG=$files "$kubectl" config view --flatten >"$config.new" && mv "$config.new" "$config"
    ;;
  kubeconfig=*)
    config=
    ;;
esac

# A policy that could be made shows that its kind is served and that the admission rules are asked.
await "the control plane's readiness" 60 "$kubectl" --kubeconfig "$home/karmada.config" apply --dry-run=server -f "$root/samples/nginx/propagationpolicy.yaml"
case $members in
  kubeconfig=*)
    for pair in "${pairs[@]}"; do
      name=${pair%%=*} file=${pair#*=} context=
      case $file in *@*) context=${file##*@} file=${file%@*} ;; esac
      names+=("$name")
      $flotilla join "$name" --home "$home" --if-absent --cluster-kubeconfig "$file" ${context:+--cluster-context "$context"}
    done
    ;;
  *)
    # A cluster that was made anew under an old name is another cluster.
    for name in "${made[@]+"${made[@]}"}"; do
      if "$kubectl" --kubeconfig "$home/karmada.config" get cluster "$name" >/dev/null 2>&1; then
        $flotilla unjoin "$name" --home "$home" --force --wait 5s
      fi
    done
    for name in "${names[@]}"; do await "$name's readiness" 60 "$kubectl" --kubeconfig "$config" --context "$name" get --raw /readyz; done
    $flotilla join "${names[@]}" --home "$home" --if-absent --cluster-kubeconfig "$config"
    ;;
esac

hub="$kubectl --kubeconfig $home/karmada.config"
for name in "${names[@]}"; do await "readiness of cluster $name" 60 $hub wait --for=condition=Ready "cluster/$name" --timeout=1s; done

if [ $sample = yes ]; then
  # The sample names member1 and member2: clusters of other names take their places.
  first=${names[0]} second=${names[1]:-${names[0]}}
  sed "s/- member1\$/- $first/; s/- member2\$/- $second/" "$root/samples/nginx/propagationpolicy.yaml" | $hub apply -f - >/dev/null
  $hub apply -f "$root/samples/nginx/deployment.yaml" >/dev/null
  await "propagation of samples/nginx" 60 sh -c "$hub get works -A --no-headers 2>/dev/null | grep -q nginx"
  # Members without nodes make no pod ready: the sample is there all the same.
  nodes=$($hub get clusters "$first" "$second" -o jsonpath='{.items[*].status.nodeSummary.totalNum}')
  for ((i = 0; i < 100; i++)); do
    [[ "$nodes" == *[1-9]* && -z "$($hub get deployment nginx -o jsonpath='{.status.readyReplicas}')" ]] || break
    sleep 0.1
  done
  echo
  echo "samples/nginx runs here:"
  $hub get resourcebinding nginx-deployment -o json | node -e '
    const { spec, status } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const ready = new Map((status.aggregatedStatus ?? []).map(item => [item.clusterName, item.status?.readyReplicas ?? 0]));
    for (const { name, replicas } of spec.clusters ?? []) console.log(`  ${name}: ${ready.get(name) ?? 0} of ${replicas} replicas ready`);'
  [[ "$nodes" == *[1-9]* ]] || echo "  (no member of these has a node: nothing makes pods ready there)"
fi

cat <<EOF

control plane   $home/karmada.config (context $("$kubectl" --kubeconfig "$home/karmada.config" config current-context))
members         ${config:-the kubeconfigs you named}
logs            $home/logs

Try:
  export KUBECONFIG=$home/karmada.config
  $kubectl get clusters
  $kubectl get deployments,resourcebindings,works -A
  $kubectl scale deployment nginx --replicas=8
EOF
