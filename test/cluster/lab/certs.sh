#!/bin/bash
# certs.sh DIR CONTROL_PLANE_IP NODE_IP...: the CAs, every certificate and the kubeconfigs, by openssl.
set -euo pipefail
d=$1 cp=$2; shift 2
mkdir -p "$d"; cd "$d"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }
ca() { key "$1"; openssl req -x509 -new -key "$1.key" -days 3650 -subj "/CN=$1" -out "$1.crt" 2>/dev/null; }
cert() { # cert CA FILE SUBJECT [SAN]
  key "$2"
  openssl req -new -key "$2.key" -subj "$3" 2>/dev/null |
    openssl x509 -req -CA "$1.crt" -CAkey "$1.key" -set_serial "0x$(openssl rand -hex 8)" -days 3650 -out "$2.crt" \
      -extfile <(echo "keyUsage=digitalSignature,keyEncipherment"; echo "extendedKeyUsage=clientAuth,serverAuth"; [ -z "${4:-}" ] || echo "subjectAltName=$4") 2>/dev/null
}
kubeconfig() { # kubeconfig FILE CERT
  cat > "$1" <<K
apiVersion: v1
kind: Config
current-context: lab
clusters: [{name: lab, cluster: {server: "https://$cp:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: me, user: {client-certificate-data: $(base64 -w0 "$2.crt"), client-key-data: $(base64 -w0 "$2.key")}}]
contexts: [{name: lab, context: {cluster: lab, user: me}}]
K
}
ca ca; ca front-ca
openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
cert ca apiserver "/CN=kube-apiserver" "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:$cp,IP:10.96.0.1,IP:127.0.0.1"
cert ca apiserver-kubelet "/O=system:masters/CN=kube-apiserver-kubelet-client"
cert front-ca front-proxy "/CN=front-proxy-client"
cert ca metrics "/O=system:masters/CN=metrics-server" "DNS:metrics-server.kube-system.svc,IP:$cp"
cert ca admin "/O=system:masters/CN=lab-admin"
cert ca kcm "/CN=system:kube-controller-manager"
cert ca scheduler "/CN=system:kube-scheduler"
cert ca proxy "/CN=system:kube-proxy"
kubeconfig admin.kubeconfig admin; kubeconfig kcm.kubeconfig kcm; kubeconfig scheduler.kubeconfig scheduler
kubeconfig proxy.kubeconfig proxy; kubeconfig metrics.kubeconfig metrics
i=0
for ip; do i=$((i+1))
  cert ca "node$i" "/O=system:nodes/CN=system:node:node$i" "DNS:node$i,IP:$ip"
  kubeconfig "node$i.kubeconfig" "node$i"
done
