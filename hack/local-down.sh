#!/usr/bin/env bash
# Ends what hack/local-up.sh started; nothing stays running. Running it again is harmless.
#   hack/local-down.sh [--home DIR] [--delete-data]
set -euo pipefail

home=${FLOTILLA_HOME:-$HOME/.flotilla} delete=no
while [ $# -gt 0 ]; do
  case $1 in
    --home) [ -n "${2:-}" ] || { echo "--home needs a directory: see hack/local-down.sh --help" >&2; exit 2; }; home=$(realpath -m "$2"); shift ;;
    --delete-data) delete=yes ;;
    -h | --help) sed -n '2,3s/^# \?//p' "$0"; exit 0 ;;
    *) echo "local-down.sh: there is no option $1: see hack/local-down.sh --help" >&2; exit 2 ;;
  esac
  shift
done

# An API server of another make goes on without us: what it was told of these members and of our webhooks, which would refuse every policy for
# want of them, goes with the data.
if [ $delete = yes ] && [ -d "$home/webhook" ]; then
  root=$(cd "$(dirname "$0")/.." && pwd)
  # shellcheck source=hack/kubectl.sh
  . "$root/hack/kubectl.sh"
  "$kubectl" --kubeconfig "$home/karmada.config" delete mutatingwebhookconfigurations/mutating-config \
    validatingwebhookconfigurations/validating-config --ignore-not-found --request-timeout 5s >/dev/null ||
    echo "mutating-config and validating-config stay in the API server" >&2
  for file in "$home"/pids/member*.pid; do
    [ ! -f "$file" ] || node "$root/dist/cli/main.js" unjoin "$(basename "$file" .pid)" --home "$home" --force --wait 10s || true
  done
fi

pids=()
for file in "$home"/pids/*.pid; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  # A pid may have been given to another program since: only ours is ended.
  if [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'dist/cli/main.js'; then
    kill "$pid" 2>/dev/null && pids+=("$pid")
  fi
  rm -f "$file"
done
for ((i = 0; i < 100; i++)); do
  running=0
  for pid in "${pids[@]+"${pids[@]}"}"; do kill -0 "$pid" 2>/dev/null && running=1; done
  [ $running = 1 ] || break
  sleep 0.1
done
for pid in "${pids[@]+"${pids[@]}"}"; do kill -9 "$pid" 2>/dev/null || true; done

# kind clusters that local-up.sh made: stopped where their data is to stay, else deleted.
kinds=0
if [ -f "$home/members/kind" ]; then
  while read -r name; do
    kinds=$((kinds + 1))
    if [ $delete = no ] && command -v docker >/dev/null && docker stop "$name-control-plane" >/dev/null 2>&1; then continue; fi
    kind delete cluster --name "$name" >/dev/null 2>&1 || echo "kind did not delete cluster $name: kind delete cluster --name $name" >&2
    sed -i "/^$name\$/d" "$home/members/kind"
  done < <(cat "$home/members/kind")
fi

if [ $delete = yes ] && [ -d "$home" ]; then
  [ -d "$home/pki" ] || [ -f "$home/karmada.config" ] || { echo "$home does not look like a home of Flotilla: it was left alone" >&2; exit 1; }
  rm -rf "$home"
fi
echo "stopped ${#pids[@]} processes$([ $kinds = 0 ] || echo " and $kinds kind clusters")"
