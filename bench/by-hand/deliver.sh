#!/bin/sh
# What a team's pipeline does without Slipway: push, build and push an image after the other, tell the host by ssh.
#
#   deliver.sh compose | kustomize    delivers the branch that is checked out in this folder
#   deliver.sh images TAG             only builds and pushes the images under a tag
#   deliver.sh back compose | kustomize TAG
#                                     only tells the host: back to an older tag, whose images are there
#
# Variables: SERVICES, REGISTRY, PREFIX (of the image repositories), BASE (build argument), BUILD_FLAGS, SSH_CONFIG (a
# file that names the host lab), PLACE (the folder on the host). Prints each step's end as "name milliseconds since 1970".
set -eu

main() {
  mark begun
  if [ "$1" = images ]; then
    build_images "$2"
    push_images "$2"
    return
  fi
  if [ "$1" = back ]; then
    tell_host "$2" "$3"
    return
  fi
  branch=$(git rev-parse --abbrev-ref HEAD)
  git push --quiet origin "$branch"
  mark pushed
  tag=$branch.$(git rev-parse --short=8 HEAD)
  build_images "$tag"
  push_images "$tag"
  if [ "$1" = compose ]; then pull="docker-compose pull --quiet $SERVICES &&"; fi
  tell_host "$1" "$tag"
  mark deployed
}

tell_host() {
  case $1 in
    compose) ssh -F "$SSH_CONFIG" lab "cd $PLACE && export TAG=$2 && ${pull:-} docker-compose -f docker-compose.yml up -d" >&2 ;;
    kustomize) ssh -F "$SSH_CONFIG" lab "export TAG=$2 && $PLACE/deploy.sh" >&2 ;;
  esac
}

build_images() {
  for service in $SERVICES; do
    docker build --quiet ${BUILD_FLAGS:-} --build-arg "BASE=$BASE" -t "$REGISTRY/$PREFIX/$service:$1" "$service" >&2
  done
  mark built
}

push_images() {
  for service in $SERVICES; do
    docker push --quiet "$REGISTRY/$PREFIX/$service:$1" >&2
  done
  mark stored
}

mark() {
  printf '%s %s\n' "$1" "$(date +%s%3N)"
}

main "$@"
