#!/bin/sh
# What somebody types to merge a release back, in a clone that is there or in one that is made for it.
#
#   merge-back.sh clone | there URL FOLDER TARGET REVISION
set -eu

url=$2 folder=$3 target=$4 revision=$5
[ "$1" = there ] && [ -d "$folder" ] || git clone --quiet "$url" "$folder"
cd "$folder"
git fetch --quiet origin
git checkout --quiet --no-track -B "$target" "origin/$target"
git -c user.name=Dana -c user.email=dana@example.com merge --quiet --no-ff -m "Merge tag 'v1.0.0' into $target" "$revision"
git push --quiet origin "HEAD:refs/heads/$target"
