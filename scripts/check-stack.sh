#!/bin/sh
# The production stack must be one that docker-compose accepts, with a password and without one refused.
set -eu
cd "$(dirname "$0")/.."
POSTGRES_PASSWORD=only-for-this-check docker-compose -f docker-compose.yml config --quiet
if env -u POSTGRES_PASSWORD docker-compose -f docker-compose.yml config --quiet 2>/dev/null; then
  echo "docker-compose.yml starts without a database password" >&2
  exit 1
fi
