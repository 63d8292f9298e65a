#!/bin/bash
# node-init.sh N DIR CPUS MEM_KB PAUSE: runs as PID 1 of node N, in its own mount, UTS, IPC,
# PID, cgroup and network namespaces; makes it look like a machine, then waits.
set -euo pipefail
n=$1 d=$2 cpus=$3 mem=$4 pause=$5
mount --make-rshared /                      # a peer group of its own (unshare made all private): kubelet's mounts propagate in the node only
hostname "node$n"
mount -t tmpfs -o mode=755 tmpfs /run; mkdir -p /run/lock /run/netns
# Only this node's cgroups: the hierarchies mounted again from inside the cgroup
# namespace have the node's own cgroup as their root.
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
for c in cpu cpuacct cpuset memory devices freezer blkio pids; do
  mkdir /sys/fs/cgroup/$c; mount -t cgroup -o $c cgroup /sys/fs/cgroup/$c
done
mkdir /sys/fs/cgroup/systemd; mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
# The machine's size as cAdvisor reads it: /proc/meminfo and sysfs.
sed -E "s/^(MemTotal: *)[0-9]+/\1$mem/" /proc/meminfo > "$d/meminfo"; mount --bind "$d/meminfo" /proc/meminfo
# A node of more CPUs than the machine has is given as several NUMA nodes that hold the
# same real CPUs: the kubelet counts them all, but the ids stay real, for it writes
# them to cpuset.cpus (ids that are not there: "numerical result out of range").
real=$(nproc); rm -rf "$d/sys"; mkdir -p "$d/sys/cpu"
for ((c = 0; c < cpus; c++)); do
  id=$((c % real)) numa=$d/sys/node/node$((c / real))
  mkdir -p "$d/sys/cpu/cpu$id/topology" "$numa/hugepages"
  echo $id > "$d/sys/cpu/cpu$id/topology/core_id"; echo 0 > "$d/sys/cpu/cpu$id/topology/physical_package_id"
  ln -s "../../cpu/cpu$id" "$numa/cpu$id"
  echo "Node 0 MemTotal: $mem kB" > "$numa/meminfo"; echo 10 > "$numa/distance"
done
top=$(((cpus < real ? cpus : real) - 1))
for f in online possible present; do echo "0-$top" > "$d/sys/cpu/$f"; done
mount --bind "$d/sys/cpu" /sys/devices/system/cpu; mount --bind "$d/sys/node" /sys/devices/system/node
# The node's own disk: default paths, each bound to the node's folder.
for p in /var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers /etc/cni/net.d /etc/containerd; do
  mkdir -p "$d/fs$p" "$p"; mount --bind "$d/fs$p" "$p"
done
mount --bind "$d/resolv.conf" /etc/resolv.conf   # empty: a look-up of a registry's name fails at once (ErrImagePull)
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.all.rp_filter=0 || true
# An unanswered SYN is forgotten after 5 s instead of 120: all load comes from one address, whose ports come round within a
# minute, and a port that was last sent to a pod that is gone would be sent there again.
sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_syn_sent=5
touch "$d/init-done"
exec "$pause"
