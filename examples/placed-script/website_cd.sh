#!/bin/sh
# Deploys the website and its api on this host's cluster: placed here once, run over ssh with TAG exported.
#
#   TAG             the image tag, such as release-1.0.0.1a2b3c4d or v1.0.0 (required)
#   DIGEST_WEBSITE  sha256:…, deploys exactly this image whatever the tag names by now (optional)
#   DIGEST_API      the same for the api (optional)
#
# What belongs to the host stands in website_cd.conf beside this script, as shell assignments:
#
#   OVERLAY         folder of the kustomize overlay (default: website/deploy/overlays/alpha beside this script)
#   REGISTRY        registry that the images are pulled from (default: localhost:5000)
#   KUBECONFIG      how to reach the cluster, when it is not the user's default
#   PATH            where kustomize and kubectl are, when a shell over ssh does not find them
#   ROLLOUT_TIMEOUT how long the new pods may take to get ready (default: 120s)
#
# Exit codes: 0 every new pod is ready; 2 a bad TAG or digest, nothing was changed; 1 anything else.
#
# It answers three words, which Slipway uses where the estate has `answers: [plan, status, restore]`:
#
#   plan            prints what would change on the cluster, and changes nothing: 0, or 2 when it cannot tell
#   status          prints what is not as TAG and the digests say: 0 nothing, 1 something, 2 it cannot tell
#   restore         puts back what TAG and the digests say, as without a word
set -eu

main() {
  here=$(cd "$(dirname "$0")" && pwd)
  OVERLAY=$here/website/deploy/overlays/alpha
  REGISTRY=localhost:5000
  ROLLOUT_TIMEOUT=120s
  if [ -f "$here/website_cd.conf" ]; then . "$here/website_cd.conf"; fi
  if [ -n "${KUBECONFIG:-}" ]; then export KUBECONFIG; fi

  check_tag "${TAG:-}"
  check_digest DIGEST_WEBSITE "${DIGEST_WEBSITE:-}"
  check_digest DIGEST_API "${DIGEST_API:-}"

  case "${1:-}" in
    '' | restore) deploy ;;
    plan) difference || [ $? -eq 1 ] || exit 2 ;;
    status) difference ;;
    *) refuse 'the argument' "$1" 'plan, status, restore or none' ;;
  esac
}

deploy() {
  # Rendered before it is applied: in a pipe, a failed rendering would reach kubectl all the same.
  manifests=$(render "$OVERLAY")
  printf '%s\n' "$manifests" | kubectl apply -f -

  cd "$OVERLAY"
  namespace=$(sed -n 's/^namespace: *//p' kustomization.yaml)
  for deployment in api website; do
    kubectl rollout status "deployment/$deployment" --namespace "$namespace" --timeout "$ROLLOUT_TIMEOUT"
  done
}

# What applying would change, from a copy: whoever only asks edits no file. 0 nothing, 1 something, 2 it cannot be told.
difference() {
  copy=$(mktemp -d) || return 2
  trap 'rm -rf "$copy"' EXIT
  cp -R "$OVERLAY/../.." "$copy/deploy" || return 2
  manifests=$(render "$copy/deploy/overlays/$(basename "$OVERLAY")") || return 2
  code=0
  printf '%s\n' "$manifests" | kubectl diff -f - || code=$?
  [ "$code" -le 1 ] || code=2
  return "$code"
}

# render OVERLAY
render() {
  cd "$1" || return
  kustomize edit set image \
    "eap/website=$(image website "${DIGEST_WEBSITE:-}")" \
    "eap/api=$(image api "${DIGEST_API:-}")" >&2 || return
  kustomize build .
}

# image SERVICE [DIGEST]
image() {
  if [ -n "$2" ]; then
    printf '%s/eap/%s@%s' "$REGISTRY" "$1" "$2"
  else
    printf '%s/eap/%s:%s' "$REGISTRY" "$1" "$TAG"
  fi
}

check_tag() {
  case "$1" in
    '' | *[!A-Za-z0-9._-]* | [.-]*) refuse TAG "$1" 'an image tag, such as release-1.0.0.1a2b3c4d' ;;
  esac
}

# check_digest NAME VALUE
check_digest() {
  case "$2" in
    '') return ;;
    sha256:*[!a-f0-9]*) ;;
    sha256:*) if [ "${#2}" -eq 71 ]; then return; fi ;;
  esac
  refuse "$1" "$2" 'sha256: and 64 hexadecimal digits, or nothing'
}

# refuse NAME VALUE EXPECTED
refuse() {
  printf '%s: %s is "%s"; expected %s\n' "${0##*/}" "$1" "$2" "$3" >&2
  exit 2
}

main "$@"
