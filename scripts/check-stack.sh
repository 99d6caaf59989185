#!/bin/sh
# The production stack must be one that docker-compose accepts, that refuses to start without a password, and whose worker and
# gateway can read what estate.example.yaml names.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "$1" >&2
  exit 1
}
config() { docker-compose -f docker-compose.yml config; }

if env -u POSTGRES_PASSWORD docker-compose -f docker-compose.yml config --quiet 2>/dev/null; then
  fail "docker-compose.yml starts without a database password"
fi
stack=$(POSTGRES_PASSWORD=only-for-this-check config)
# What one service has: its lines stand deeper than its name.
service() { printf '%s\n' "$stack" | sed -n "/^  $1:/,/^  [a-z]/p"; }
mounts() { service "$1" | grep -q -- "$2:/etc/slipway/$3:ro" || fail "docker-compose.yml: $1 has to mount ./$3 at /etc/slipway/$3, as estate.example.yaml names it"; }

mounts worker "$PWD/estate.yaml" estate.yaml
mounts worker "$PWD/secrets" secrets
mounts gateway "$PWD/estate.yaml" estate.yaml
mounts gateway "$PWD/secrets/gateway" secrets/gateway
if service gateway | grep -q "$PWD/secrets:"; then fail "docker-compose.yml: the gateway gets secrets/gateway and no other secret"; fi

# Of the estate's relative paths there is no other folder that would have to be there.
options=$(grep -v '^ *#' estate.example.yaml)
elsewhere=$(printf '%s\n' "$options" | grep -E '(File|file|kubeconfig|knownHosts|signers|key): [a-z]+/' | grep -v ': secrets/' || true)
[ -z "$elsewhere" ] || fail "estate.example.yaml names files that docker-compose.yml does not mount; they belong below secrets/: $elsewhere"
for name in $(printf '%s\n' "$options" | grep -oE 'env: [A-Z_]+' | cut -d ' ' -f 2 | sort -u); do
  { service worker && service gateway; } | grep -q "$name:" || fail "docker-compose.yml passes $name, which estate.example.yaml names, to neither worker nor gateway"
done

# And none of it leaves the machine by git, or inside an image that is built here.
for name in secrets estate.yaml; do
  grep -qx "$name" .dockerignore || fail ".dockerignore has to name $name"
  grep -qx "/$name/\{0,1\}" .gitignore || fail ".gitignore has to name /$name"
done
