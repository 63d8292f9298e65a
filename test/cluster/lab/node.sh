# A node: its files, its namespaces, power on and off.

node_pid() { cat "$run/node$1/pid1"; } # the node's PID 1, as the machine counts
in_node() { # in_node N CMD...
  local n=$1; shift
  (cgroup_join "$name/node$n"; exec nsenter -t "$(node_pid "$n")" -m -u -i -n -p -C -- "$@")
}
pod_route() { ip -n "$1" route replace "$pods.$2.0/24" via "$(node_ip "$2")"; } # pod_route NAMESPACE N
has_socket() { in_node "$1" test -S /run/containerd/containerd.sock; }
import() { # import FILE [N...]: a bare wait would wait for the servers as well
  local file n waited=; file=$(readlink -f "$1"); shift
  for n in ${*:-$(each_node)}; do in_node "$n" ctr -n k8s.io images import "$file" & waited="$waited $!"; done
  for n in $waited; do wait "$n"; done
}

boot_node() { # namespaces, PID 1, containerd
  local n=$1 folder=$run/node$1 namespace=$name-n$1 other pid
  mkdir -p "$folder"; rm -f "$folder/init-done"
  ip netns add "$namespace"
  ip link add "n$n" netns "$name-cp" type veth peer name eth0 netns "$namespace"
  ip -n "$name-cp" link set "n$n" master br0 up
  ip -n "$namespace" addr add "$(node_ip "$n")/24" dev eth0; ip -n "$namespace" link set eth0 up
  for other in $(each_node); do [ "$other" = "$n" ] || pod_route "$namespace" "$other"; done
  cgroup_make "$name/node$n"
  echo $((mem_mb << 20)) > "/sys/fs/cgroup/memory/$name/node$n/memory.limit_in_bytes"
  containerd_config "$n"; kubelet_config "$n"; proxy_config "$n"
  (cgroup_join "$name/node$n"; exec setsid ip netns exec "$namespace" unshare --mount --uts --ipc --pid --cgroup --fork --mount-proc --kill-child \
    "$here/node-init.sh" "$n" "$folder" "$cpus" $((mem_mb << 10)) "$bin/pause") 9>&- </dev/null >"$run/log/node$n-init.log" 2>&1 &
  pid=$!
  until_true 60 test -e "$folder/init-done" || { cat "$run/log/node$n-init.log" >&2; exit 1; }
  tr -d ' ' < "/proc/$pid/task/$pid/children" > "$folder/pid1"
  start_unit "$n" containerd
  until_true 60 has_socket "$n"
}
poweroff_node() { # PID 1 killed: everything on the node is gone at once, its mounts too
  local n=$1 pid
  pid=$(node_pid "$n" 2>/dev/null) || true
  if ours "$pid"; then kill -9 "$pid"; until_true 5 cgroup_empty "node$n" || true; fi
  ip netns del "$name-n$n" 2>/dev/null || true
  cgroup_remove "$name/node$n"
}

containerd_config() {
  local etc=$run/node$1/fs/etc
  mkdir -p "$etc/containerd" "$etc/cni/net.d"
  : > "$run/node$1/resolv.conf"
  cat > "$etc/containerd/config.toml" <<T
version = 2
oom_score = 0
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.local/pause:1"
  restrict_oom_score_adj = true
  max_concurrent_downloads = 1
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
T
  cat > "$etc/cni/net.d/10-lab.conflist" <<T
{"cniVersion":"0.4.0","name":"lab","plugins":[
 {"type":"ptp","ipMasq":false,"mtu":1500,"ipam":{"type":"host-local","ranges":[[{"subnet":"$pods.$1.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
T
}
kubelet_config() {
  local p=$run/pki
  cat > "$run/node$1/kubelet.yaml" <<T
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true, cacheTTL: 10s}, x509: {clientCAFile: $p/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $p/node$1.crt
tlsPrivateKeyFile: $p/node$1.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
makeIPTablesUtilChains: false
enforceNodeAllocatable: [pods]
systemReserved: {cpu: ${LAB_RESERVED_CPU:-100m}, memory: ${LAB_RESERVED_MEM:-256Mi}}
evictionHard: {memory.available: 50Mi, nodefs.available: "1%", imagefs.available: "1%", nodefs.inodesFree: "1%"}
imageGCHighThresholdPercent: 100
resolvConf: $run/node$1/resolv.conf
clusterDomain: cluster.local
nodeStatusUpdateFrequency: 4s
nodeLeaseDurationSeconds: 12
rotateCertificates: false
registerNode: true
syncFrequency: 10s
T
}
proxy_config() {
  cat > "$run/node$1/kube-proxy.yaml" <<T
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $run/pki/proxy.kubeconfig}
mode: ${LAB_PROXY_MODE:-nftables}
clusterCIDR: $pods.0.0/16
hostnameOverride: node$1
nodeIPOverride: [$(node_ip "$1")]
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
nftables: {minSyncPeriod: 0s, syncPeriod: 30s}
iptables: {minSyncPeriod: 0s, syncPeriod: 30s}
T
}
