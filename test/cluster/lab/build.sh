#!/bin/bash
# build.sh: makes what the lab runs, unless it is there, and prints its folder: kube (etcd and all of Kubernetes in one
# binary, with a symlink a program), pause, pause.tar (the pause image). The folder's name is the hash of what it is made
# from, so it is built once a version, outside the clone. About 6 minutes on two cores, 0.7 GB of modules, 4 GB of Go's
# build cache; interrupted, it goes on from that cache.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
cache=${LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fulcrum/lab}
hash=$(cd "$here" && cat image.sh build/go.mod build/go.sum build/*/*.go | sha256sum | cut -c1-16)
out=$cache/$hash
[ -e "$out/complete" ] && { echo "$out"; exit; }

PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { echo "lab: no Go toolchain. Next: install Go 1.21 or newer (https://go.dev/dl)." >&2; exit 4; }
export GOFLAGS=-mod=readonly GOTOOLCHAIN=${GOTOOLCHAIN:-auto} CGO_ENABLED=0
cd "$here/build"
echo "lab: building Kubernetes (once; about 6 minutes on two cores) ..." >&2
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.} minor=${minor%%.*}
# Without these the version is v0.0.0-master, and clients refuse.
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags="$flags -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor -X $package.gitTreeState=clean"
  flags="$flags -X $package.gitCommit=0000000000000000000000000000000000000000 -X $package.buildDate=2026-01-01T00:00:00Z"
done
mkdir -p "$out"
go build -v -trimpath -ldflags "$flags" -o "$out/kube" ./kube 2>&1 | awk 'NR % 200 == 0 { print "lab: " NR " packages"; fflush() } !/^[a-zA-Z0-9._\/-]+$/ { print }' >&2
go build -trimpath -ldflags "-s -w" -o "$out/pause" ./pause
for name in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl metrics-server; do
  ln -sf kube "$out/$name"
done
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$out/pause" "$root/pause"
"$here/image.sh" lab.local/pause:1 "$root" "$out/pause.tar" '{"Entrypoint":["/pause"],"User":"65534:65534"}'
touch "$out/complete"
echo "$out"
