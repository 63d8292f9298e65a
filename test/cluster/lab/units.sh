# The programs of the control plane and of the nodes: how each is started and stopped.

log_of() { echo "$run/log/$([ "$1" = cp ] || echo "node$1-")$2.log"; } # log_of N|cp UNIT

spawn_cp() { # spawn_cp UNIT FLAGS...: a program of the control plane
  local unit=$1; shift
  (cgroup_join "$name/cp"; exec setsid nsenter --net="/run/netns/$name-cp" -- "$bin/$unit" "$@") \
    9>&- </dev/null >>"$(log_of cp "$unit")" 2>&1 &
  echo $! > "$run/cp/$unit.pid"
}
spawn_node() { # spawn_node N UNIT CMD...
  local n=$1 unit=$2; shift 2
  (cgroup_join "$name/node$n"; exec setsid nsenter -t "$(node_pid "$n")" -m -u -i -n -p -C -- "$@") \
    9>&- </dev/null >>"$(log_of "$n" "$unit")" 2>&1 &
  echo $! > "$run/node$n/$unit.pid" # of nsenter; the program is its child
}
unit_pid() { # unit_pid N|cp UNIT: as the machine counts
  local pid
  if [ "$1" = cp ]; then cat "$run/cp/$2.pid"; else
    pid=$(cat "$run/node$1/$2.pid")
    tr -d ' ' < "/proc/$pid/task/$pid/children"
  fi
}
stop_unit() { local pid; pid=$(unit_pid "$1" "$2") || true; ours "$pid" && kill "-${3:-TERM}" "$pid"; }

start_unit() { # start_unit N|cp UNIT
  local where=$1 unit=$2
  case $where-$unit in
  cp-etcd) start_etcd ;;
  cp-kube-apiserver) start_apiserver ;;
  cp-kube-controller-manager) start_controllers ;;
  cp-kube-scheduler) spawn_cp kube-scheduler $(as_user scheduler) --leader-elect=false --profiling=false ;;
  cp-metrics-server) start_metrics ;;
  *-containerd) spawn_node "$where" containerd containerd --config /etc/containerd/config.toml --log-level warn ;;
  *-kubelet) spawn_node "$where" kubelet "$bin/kubelet" --config="$run/node$where/kubelet.yaml" --v=1 \
    --kubeconfig="$run/pki/node$where.kubeconfig" --hostname-override="node$where" --node-ip="$(node_ip "$where")" ;;
  *-kube-proxy) spawn_node "$where" kube-proxy "$bin/kube-proxy" --config="$run/node$where/kube-proxy.yaml" --v=1 ;;
  *) echo "lab: no unit $unit for $where" >&2; exit 2 ;;
  esac
}
as_user() { echo "--kubeconfig=$run/pki/$1.kubeconfig --authentication-kubeconfig=$run/pki/$1.kubeconfig --authorization-kubeconfig=$run/pki/$1.kubeconfig"; }

start_etcd() {
  spawn_cp etcd --name lab --data-dir "$run/cp/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster lab=http://127.0.0.1:2380
}
start_apiserver() {
  local p=$run/pki evict=${LAB_EVICT_S:-20}
  spawn_cp kube-apiserver --etcd-servers=http://127.0.0.1:2379 --advertise-address=$cp_ip --bind-address=0.0.0.0 --secure-port=6443 \
    --service-cluster-ip-range=$services --allow-privileged=true --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --profiling=false --enable-aggregator-routing=true \
    --default-not-ready-toleration-seconds="$evict" --default-unreachable-toleration-seconds="$evict" \
    --client-ca-file="$p/ca.crt" --tls-cert-file="$p/apiserver.crt" --tls-private-key-file="$p/apiserver.key" \
    --kubelet-client-certificate="$p/apiserver-kubelet.crt" --kubelet-client-key="$p/apiserver-kubelet.key" \
    --kubelet-certificate-authority="$p/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$p/sa.pub" --service-account-signing-key-file="$p/sa.key" \
    --requestheader-client-ca-file="$p/front-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group --requestheader-username-headers=X-Remote-User \
    --proxy-client-cert-file="$p/front-proxy.crt" --proxy-client-key-file="$p/front-proxy.key"
}
# 20 queries a second, the default, make it take 4 s to start; the log tells every decision of the autoscaler
start_controllers() {
  spawn_cp kube-controller-manager --vmodule=horizontal=4 $(as_user kcm) --leader-elect=false --profiling=false --kube-api-qps=300 --kube-api-burst=500 \
    --use-service-account-credentials=true --root-ca-file="$run/pki/ca.crt" --service-account-private-key-file="$run/pki/sa.key" \
    --cluster-signing-cert-file="$run/pki/ca.crt" --cluster-signing-key-file="$run/pki/ca.key" \
    --node-monitor-period=2s --node-monitor-grace-period="${LAB_GRACE_S:-12}s" \
    --horizontal-pod-autoscaler-sync-period="${LAB_HPA_SYNC_S:-15}s" --horizontal-pod-autoscaler-downscale-stabilization="${LAB_HPA_DOWN_S:-40}s"
}
start_metrics() { # the resolution has to be larger than the request's time-out
  local p=$run/pki
  spawn_cp metrics-server $(as_user metrics) --secure-port=4443 --tls-cert-file="$p/metrics.crt" --tls-private-key-file="$p/metrics.key" \
    --kubelet-certificate-authority="$p/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --kubelet-request-timeout=5s --metric-resolution="${LAB_METRIC_S:-10}s"
}
