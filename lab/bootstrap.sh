#!/bin/sh
# bootstrap.sh FILE.ts [ARGUMENT...]: runs a TypeScript file of this checkout with the checkout's own Node and packages.
# It runs on whatever Node came with npm; that one only has to fetch the real one. Says nothing when nothing is to be done.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
modules=$root/node_modules
# A copy of the lock file that was installed: times say little after a git checkout.
installed=$modules/.slipway-installed

if [ ! -x "$modules/.bin/node" ] || ! cmp -s package-lock.json "$installed"; then
  command -v npm >/dev/null || {
    echo "npm is needed to fetch this project's packages: install Node 20 or newer (https://nodejs.org), or on Debian: apt-get install -y npm" >&2
    exit 1
  }
  echo "fetching this project's packages and its own Node with npm ci (once, and after they change; about half a minute) ..." >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
  # npm gives no exit code when a package's own install step was not run: the Node must answer.
  "$modules/.bin/node" --version >/dev/null || {
    echo "npm ci ran, but $modules/.bin/node does not start; remove node_modules and run this again" >&2
    exit 1
  }
  cp package-lock.json "$installed"
fi

PATH=$modules/.bin:$PATH
export PATH
exec "$modules/.bin/node" "$@"
