#!/bin/sh
# GET / as a page. httpd also asks here for every other path that ends in a slash.

# Compose says where the api is; Kubernetes tells it by the variables of the Service "api".
api_address=${API_ADDRESS:-${API_SERVICE_HOST:-api}:${API_SERVICE_PORT:-8080}}

main() {
  case "${REQUEST_URI%%\?*} $REQUEST_METHOD" in
    '/ GET') head '200 OK' text/html; page ;;
    '/ HEAD') head '200 OK' text/html ;;
    '/ '*) head '405 Method Not Allowed' text/plain 'Allow: GET, HEAD'; echo 'only GET' ;;
    *) head '404 Not Found' text/plain; echo 'not found' ;;
  esac
}

page() {
  version=$(escaped "$(cat ../version)")
  environment=$(escaped "${ENVIRONMENT:-unknown}")
  api=$(ask_api)
  cat <<HTML
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>website $version on $environment</title>
<style>body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 3rem auto; max-width: 44rem }</style>
</head>
<body>
<h1>$(escaped "${GREETING:-Hello}")</h1>
<p>website: $version</p>
<p>environment: $environment</p>
<p>host: $(escaped "$(hostname)")</p>
<p>api: $(escaped "${api:-unreachable}")</p>
</body>
</html>
HTML
}

# The body of the api's answer, or nothing unless it says 200 within two seconds.
ask_api() {
  printf 'GET / HTTP/1.0\r\nHost: %s\r\n\r\n' "$api_address" |
    timeout 2 nc "${api_address%:*}" "${api_address##*:}" 2>/dev/null |
    {
      read -r _ status _
      [ "$status" = 200 ] || return
      while read -r header && [ "$header" != "$(printf '\r')" ]; do :; done
      cat
    }
}

escaped() {
  printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
}

# head STATUS TYPE [HEADER]…
head() {
  printf 'Status: %s\r\nContent-Type: %s; charset=utf-8\r\n' "$1" "$2"
  shift 2
  printf '%s\r\n' 'Cache-Control: no-store' "$@" ''
}

main
