#!/bin/sh
# Placed on the host beside the overlay, and run over ssh with TAG exported. IMAGES stands in deploy.conf: the image
# repositories with their registry, each after the name that the manifests have for it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/deploy.conf"
cd "$here/deploy/overlays/alpha"
set --
for image in $IMAGES; do set -- "$@" "$image:$TAG"; done
kustomize edit set image "$@"
kustomize build . | kubectl apply -f -
