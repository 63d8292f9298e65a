#!/bin/bash
# newversion.sh 1.37.2: writes go.mod anew for another version of Kubernetes, then tidies.
# k8s.io/kubernetes asks for its own parts (k8s.io/api ...) at v0.0.0, which exists nowhere: each is replaced by the tag
# that was cut with it, v0.37.2 for v1.37.2.
set -euo pipefail
cd "$(dirname "$0")"
version=v$1 parts=v0.${1#1.}
source=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
{
  printf 'module fulcrum.test/lab\n\ngo %s\n\n' "$(sed -n 's/^go //p' "$source/go.mod")"
  sed -n '/^godebug/p' "$source/go.mod"
  printf '\nrequire (\n\tk8s.io/kubernetes %s\n\tsigs.k8s.io/metrics-server v0.9.0\n)\n\nreplace (\n' "$version"
  awk -v parts="$parts" '$2=="v0.0.0" && $1 ~ /^k8s.io\// {print "\t" $1 " => " $1 " " parts}' "$source/go.mod" | sort -u
  echo ")"
} > go.mod
go mod tidy
