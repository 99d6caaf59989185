#!/bin/sh
# GET / as JSON. httpd also asks here for every other path that ends in a slash.

main() {
  case "${REQUEST_URI%%\?*} $REQUEST_METHOD" in
    '/ GET') head '200 OK'; answer ;;
    '/ HEAD') head '200 OK' ;;
    '/ '*) head '405 Method Not Allowed' 'Allow: GET, HEAD'; echo '{"error":"only GET"}' ;;
    *) head '404 Not Found'; echo '{"error":"not found"}' ;;
  esac
}

answer() {
  printf '{"service":"api","version":%s,"environment":%s,"host":%s}\n' \
    "$(quoted "$(cat ../version)")" "$(quoted "${ENVIRONMENT:-unknown}")" "$(quoted "$(hostname)")"
}

quoted() {
  printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

# head STATUS [HEADER]…
head() {
  printf 'Status: %s\r\n' "$1"
  shift
  printf '%s\r\n' 'Content-Type: application/json' 'Cache-Control: no-store' "$@" ''
}

main
