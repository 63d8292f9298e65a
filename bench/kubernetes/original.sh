#!/bin/bash
# The original's experiment on Kubernetes: previous, accuracy and latency, each as a single pod and max-size, then the
# 30-minute scenario against accuracy and latency with the stock autoscaler, on three nodes of 4 presented CPUs and 8 GiB.
#   bench/kubernetes/original.sh [--dir DIR] [--photos DIR] [--previous KERAS_FILE] [--time-scale N] [--prepare]
# About 75 minutes after training; killed, the same command goes on with the first measurement that is missing. --prepare
# ends before the cluster is needed: photos drawn, models trained and evaluated. By default the photos are drawn and the
# previous model is a hasty training on a few of them; with --photos a trained Keras file can take its place, whose
# classes have to be those of the photos.
# --time-scale N is a rehearsal: minutes last 60 s / N and the ten-user loads 10 s. The cluster's periods are never scaled, so
# the autoscaler cannot follow then: its figures come from the run in full time only.
# The cluster is test/cluster/lab (Linux, root), with Kubernetes' own timings; nothing else may run on the machine.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
dir=fulcrum-original photos= previous= scale=1 prepare=
while [ $# -gt 0 ]; do
  case $1 in
  --dir) dir=$2 ;;
  --photos) photos=$(readlink -f "$2") ;;
  --previous) previous=$(readlink -f "$2") ;;
  --time-scale) scale=$2 ;;
  --prepare) prepare=1; shift; continue ;;
  *) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \?//' >&2; exit 2 ;;
  esac
  shift 2
done
mkdir -p "$dir"; dir=$(readlink -f "$dir")
fulcrum=$root/fulcrum lab=$root/test/cluster/lab/lab.sh
# Names of their own for a rehearsal, so that it never passes for the experiment.
name=original; [ "$scale" = 1 ] || name=rehearsal
short=60s; [ "$scale" = 1 ] || short=10s

[ -n "$photos" ] || { photos=$dir/photos; "$fulcrum" data synth "$photos" --photos 150; }
candidate() { # candidate NAME BASES HEAD: the default project's choices
  printf -- '- {name: %s, role: %s, bases: [%s], head: {%s}}\n' "$1" "$1" "$2" "$3"
}
predecessor() {
  if [ -n "$previous" ]; then printf -- '- {name: previous, role: previous, model: {file: "%s"}}\n' "$previous"
  else candidate previous ${lite}1 'epochs: 5, optimizer: {learningRate: 0.01}, photosPerClass: 20'; fi
}
lite=efficientnet-lite probe='epochs: 60, optimizer: {learningRate: 0.0005}, dropout: 0.3, l2: 0.001'
cat > "$dir/$name.yaml" <<Y
name: $name
data: {dir: "$photos"}
candidates:
$(predecessor)
$(candidate accuracy "${lite}0, ${lite}1, ${lite}2" "$probe")
$(candidate latency ${lite}0 "$probe")
kubernetes: {image: "lab.local/{candidate}:{model}"}
loads:
- {name: ten-users, kind: closed, users: 10, duration: $short}
- name: half-hour
  kind: series
  timeScale: $scale
  minutes:
  - {minutes: 5, delay: 100s, users: 20}
  - {minutes: 2, delay: 50s, users: 20}
  - {minutes: 2, delay: 10s, users: 20}
  - {minutes: 1, delay: 3s, users: 20}
  - {minutes: 5, delay: 1s, users: 20}
  - {minutes: 5, delay: 1s, users: 30}
  - {minutes: 1, delay: 3s, users: 20}
  - {minutes: 2, delay: 60s, users: 20}
  - {minutes: 7, delay: 80s, users: 20}
deployments:
- name: single
  shape: single
  target: kubernetes
  candidates: [previous, accuracy, latency]
  requests: {cpu: 1000m, memory: 2Gi}
  limits: {cpu: 2000m, memory: 4Gi}
  load: ten-users
- name: max
  shape: max
  target: kubernetes
  candidates: [previous, accuracy, latency]
  replicas: 20
  requests: {cpu: 1000m, memory: 2Gi}
  limits: {cpu: 1500m, memory: 2560Mi}
  load: ten-users
# Requests sized to these models, so that 20 to 30 users are work for the autoscaler.
- name: scaled-accuracy
  shape: autoscaled
  target: kubernetes
  candidates: [accuracy]
  requests: {cpu: 300m, memory: 512Mi}
  limits: {cpu: 1000m, memory: 1Gi}
  autoscaling: {minReplicas: 2, maxReplicas: 10, targetCpuPercent: 60}
  load: half-hour
- name: scaled-latency
  shape: autoscaled
  target: kubernetes
  candidates: [latency]
  requests: {cpu: 100m, memory: 256Mi}
  limits: {cpu: 500m, memory: 512Mi}
  autoscaling: {minReplicas: 2, maxReplicas: 8, targetCpuPercent: 50}
  load: half-hour
Y
cd "$dir"
# A rehearsal takes the experiment's trainings over where they are there.
if [ $name = rehearsal ] && [ -d runs/original/train ] && [ ! -d runs/rehearsal ]; then
  mkdir -p runs/rehearsal; cp -a runs/original/dataset runs/original/train runs/original/evaluate runs/rehearsal/
fi
"$fulcrum" run --config "$name.yaml" --only train --only evaluate
[ -z "$prepare" ] || exit 0

# Kubernetes' own timings; the lab goes down with this script, whatever ends it.
export LAB_NAME=fulcrum-original LAB_OWNER_PID=$$ LAB_NODES=3 LAB_NODE_CPUS=4 LAB_NODE_MEM_MB=8192
export LAB_HPA_SYNC_S=15 LAB_HPA_DOWN_S=300 LAB_METRIC_S=15 LAB_GRACE_S=50 LAB_EVICT_S=300
trap '"$lab" down' EXIT
trap 'exit 130' INT TERM
"$lab" up
for candidate in previous accuracy latency; do
  model=runs/$name/train/$candidate/model.onnx
  tag=$("$fulcrum" render "$candidate" --shape single --config "$name.yaml" | sed -n 's/^ *image: //p')
  "$fulcrum" image build "$model" --tag "$tag" --out "image-$candidate.tar" --compression none
  "$lab" import "image-$candidate.tar"
  rm "image-$candidate.tar"
done
KUBECONFIG=$("$lab" kubeconfig) "$lab" client "$fulcrum" run --config "$name.yaml"
"$lab" stats
