#!/bin/bash
# image.sh NAME ROOTFS_DIR OUT.tar CONFIG_JSON: packs a folder as an OCI image of one uncompressed layer.
# CONFIG_JSON is the image's "config" object, such as {"Entrypoint":["/pause"],"User":"65534"}.
set -euo pipefail
name=$1 root=$2 out=$3 config=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blobs=$work/blobs/sha256
mkdir -p "$blobs"
media=application/vnd.oci.image
keep() { # keep FILE: moves it among the blobs; sets digest and size
  digest=$(sha256sum "$1" | cut -d' ' -f1) size=$(stat -c %s "$1")
  mv "$1" "$blobs/$digest"
}
tar -C "$root" --numeric-owner --owner=0 --group=0 --sort=name --mtime=@0 -cf "$work/layer" .
keep "$work/layer"
layer="{\"mediaType\":\"$media.layer.v1.tar\",\"digest\":\"sha256:$digest\",\"size\":$size}"
printf '{"architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$config" "$digest" > "$work/config"
keep "$work/config"
printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
  "$media" "$media" "$digest" "$size" "$layer" > "$work/manifest"
keep "$work/manifest"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"%s"}}]}' \
  "$media" "$digest" "$size" "$name" > "$work/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' > "$work/oci-layout"
tar -C "$work" -cf "$out" oci-layout index.json blobs
