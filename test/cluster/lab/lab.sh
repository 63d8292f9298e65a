#!/bin/bash
# A real Kubernetes cluster of several nodes on one machine, for tests: every node is a set of namespaces with its own
# containerd, kubelet and kube-proxy. README.md says what that needs and how it works.
#   lab.sh check                       exit 1 with the reason where this machine cannot run it
#   lab.sh up | down | status | stats
#   lab.sh kubectl ARGS...             kubectl as cluster admin
#   lab.sh client CMD...               run CMD where the cluster's addresses are reached
#   lab.sh node N CMD...               run CMD on node N (all its namespaces)
#   lab.sh start N|cp UNIT             start containerd|kubelet|kube-proxy on node N, or a control plane unit
#   lab.sh stop  N|cp UNIT [SIGNAL]    stop one of them
#   lab.sh poweroff N | boot N         a node's whole machine, at once
#   lab.sh import FILE.tar [N...]      import an OCI image on the nodes
#   lab.sh log N|cp UNIT               what it has said
#   lab.sh kubeconfig                  path of the admin's kubeconfig
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
name=${LAB_NAME:-fulcrum-lab}
cache=${LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fulcrum/lab}
run=$cache/run/$name
nodes=${LAB_NODES:-3} cpus=${LAB_NODE_CPUS:-4} mem_mb=${LAB_NODE_MEM_MB:-8192}
net=10.77.0 cp_ip=10.77.0.1 client_ip=10.77.0.100 pods=10.78 services=10.96.0.0/16
. "$here/cgroups.sh"
. "$here/units.sh"
. "$here/node.sh"

say() { printf '%6.1f s  %s\n' "$(echo "$(date +%s.%N) - $started" | bc)" "$*" >&2; }
started=$(date +%s.%N)
each_node() { seq 1 "$nodes"; }
node_ip() { echo "$net.$((10 + $1))"; }
in_client() { nsenter --net="/run/netns/$name-client" -- "$@"; }
kubectl() { in_client "$bin/kubectl" --kubeconfig "$run/pki/admin.kubeconfig" "$@"; }
until_true() { # until_true SECONDS CMD...
  local i seconds=$1; shift
  for ((i = 0; i < seconds * 10; i++)); do "$@" && return; sleep 0.1; done
  echo "lab: not within $seconds s: $*" >&2
  return 1
}

check() {
  local program missing=
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "it needs Linux on x86-64"; return 1; }
  [ "$(id -u)" = 0 ] || { echo "it needs root"; return 1; }
  [ -d /sys/fs/cgroup/cpu ] && [ -d /sys/fs/cgroup/memory ] || { echo "it needs cgroup v1 hierarchies below /sys/fs/cgroup"; return 1; }
  for program in containerd runc iptables nft conntrack openssl bc nsenter ip /usr/lib/cni/ptp; do
    command -v "$program" >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || { echo "it needs$missing (apt-get install containerd runc containernetworking-plugins iptables nftables conntrack openssl bc iproute2)"; return 1; }
  [ -n "$(PATH=$PATH:/usr/local/go/bin command -v go)" ] || compgen -G "$cache/*/complete" >/dev/null || { echo "it needs Go 1.21 or newer to build Kubernetes"; return 1; }
  [ -e /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent ] || modprobe nf_conntrack 2>/dev/null ||
    { echo "it needs the kernel's connection tracking (modprobe nf_conntrack)"; return 1; }
  unshare --mount --net --pid --fork true 2>/dev/null || { echo "it may not make namespaces here"; return 1; }
}

api_ready() {
  alive "$(cat "$run/cp/kube-apiserver.pid")" || { tail -20 "$run/log/kube-apiserver.log" >&2; exit 1; }
  [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ]
}
nodes_ready() { [ "$(kubectl get nodes --no-headers 2>/dev/null | grep -cw Ready)" = "$nodes" ]; }
default_account() { kubectl get serviceaccount default >/dev/null 2>&1; }

make_network() { # the control plane's namespace holds the bridge; nothing of it is in the machine's own
  local n cp=$name-cp client=$name-client
  ip netns add "$cp"; ip -n "$cp" link set lo up
  ip -n "$cp" link add br0 type bridge; ip -n "$cp" addr add $cp_ip/24 dev br0; ip -n "$cp" link set br0 up
  nsenter --net="/run/netns/$cp" sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null || true
  ip netns add "$client"; ip -n "$client" link set lo up
  ip link add c0 netns "$cp" type veth peer name eth0 netns "$client"
  ip -n "$cp" link set c0 master br0 up
  ip -n "$client" addr add $client_ip/24 dev eth0; ip -n "$client" link set eth0 up
  ip -n "$client" route add $services via "$(node_ip 1)"
  for n in $(each_node); do for namespace in "$cp" "$client"; do pod_route "$namespace" "$n"; done; done
}

up() {
  check >/dev/null || { echo "lab: $(check)" >&2; exit 4; }
  mkdir -p "$run"
  exec 9>"$cache/$name.lock"; flock -n 9 || { echo "lab: another command starts or stops $name" >&2; exit 4; }
  [ ! -e "$run/up" ] || { echo "lab: $name is up already; \`lab.sh down\` first" >&2; exit 4; }
  rm -rf "$run"; mkdir -p "$run/log" "$run/cp"; echo "$BASHPID $started" > "$run/up"
  ln -s "$bin" "$run/bin"
  trap 'exit 130' INT TERM # else the status at a signal may be 0, and what is half up would stay
  trap '[ $? = 0 ] || down' EXIT
  [ -z "${LAB_OWNER_PID:-}" ] || watch_owner
  make_network
  cgroup_make "$name/cp"
  "$here/certs.sh" "$run/pki" $cp_ip $(for n in $(each_node); do node_ip "$n"; done)
  say "network and certificates made"
  start_unit cp etcd; start_unit cp kube-apiserver
  for n in $(each_node); do boot_node "$n"; done
  import "$bin/pause.tar" >/dev/null
  say "containerd runs on $nodes nodes"
  until_true 60 api_ready
  say "API server ready"
  start_unit cp kube-controller-manager; start_unit cp kube-scheduler; start_unit cp metrics-server
  for n in $(each_node); do start_unit "$n" kubelet; start_unit "$n" kube-proxy; done
  kubectl apply -f "$here/metrics.yaml" >/dev/null
  until_true 120 nodes_ready; until_true 60 default_account
  say "$nodes nodes Ready"
}
watch_owner() { # takes this lab, and no later one, down when the process that wanted it is gone, even by kill -9
  local this; this=$(cat "$run/up")
  setsid bash -c "while [ -d /proc/$LAB_OWNER_PID ]; do sleep 1; [ \"\$(cat '$run/up' 2>/dev/null)\" = '$this' ] || exit; done
    exec env LAB_NAME=$name LAB_CACHE=$cache '$here/lab.sh' down" 9>&- </dev/null >/dev/null 2>&1 &
}
down() {
  local n pid unit
  for n in $(seq 1 20); do [ -d "$run/node$n" ] && poweroff_node "$n"; done
  for unit in metrics-server kube-scheduler kube-controller-manager kube-apiserver etcd; do
    pid=$(cat "$run/cp/$unit.pid" 2>/dev/null) || continue
    ours "$pid" && kill -9 "$pid" || true
  done
  until_true 5 cgroup_empty cp || true
  ip netns del "$name-client" 2>/dev/null || true
  ip netns del "$name-cp" 2>/dev/null || true
  cgroup_remove "$name"
  local log=$cache/log-$name${LAB_LOG:+-$LAB_LOG} # what was said, for whom a test failed
  rm -rf "$log"; mv "$run/log" "$log" 2>/dev/null || true
  rm -rf "$run"
  say "down${LAB_LOG:+; what its programs said is in $log}"
}
stats() { # memory and CPU time by cgroup
  local group memory
  for group in cp $(for n in $(each_node); do echo "node$n"; done); do
    memory=/sys/fs/cgroup/memory/$name/$group
    printf '%-6s anonymous %5d MB, with page cache %5d MB, CPU %8.2f s\n' "$group" \
      "$(awk '/^total_rss /{print int($2/1048576)}' "$memory/memory.stat")" "$(($(cat "$memory/memory.usage_in_bytes") >> 20))" \
      "$(echo "scale=2; $(cat "/sys/fs/cgroup/cpuacct/$name/$group/cpuacct.usage") / 1000000000" | bc)"
  done
}

command=${1:-}; shift || true
case $command in
check) check; exit ;;
up) bin=$("$here/build.sh"); up; exit ;;
esac
bin=$(readlink "$run/bin" 2>/dev/null) || [ "$command" = down ] || { echo "lab: $name is not up" >&2; exit 4; }
case $command in
down) down ;;
kubectl) kubectl "$@" ;;
log) cat "$(log_of "$@")" ;;
kubeconfig) echo "$run/pki/admin.kubeconfig" ;;
client) in_client "$@" ;;
node) in_node "$@" ;;
start) start_unit "$@" ;;
stop) stop_unit "$@" ;;
poweroff) poweroff_node "$1" ;;
boot) boot_node "$1"; start_unit "$1" kubelet; start_unit "$1" kube-proxy ;;
import) import "$@" ;;
stats) stats ;;
status) kubectl get nodes -o wide; kubectl get pods -A -o wide; stats ;;
*) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \?//' >&2; exit 2 ;;
esac
