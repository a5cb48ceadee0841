#!/usr/bin/env bash
# A real Temporal server: the development server of its CLI, with its state in a file, so that it is there again after a restart. The CLI is built from the Go module proxy
# once (5 to 9 minutes on two cores), as newer versions cannot be: their go.mod has a `replace`.
# Usage: temporal.sh install | start | stop | crash | url | reset | test-server
#   test-server   the path of the launcher of the time-skipping server (Java, from Maven Central), which `start` resolves too
# Env: SERVICES_DIR (state), TEMPORAL_PORT 57233, TEMPORAL_CLI_VERSION v1.5.1, TEMPORAL_TEST_SERVER_VERSION 1.38.0
set -euo pipefail
ROOT="${SERVICES_DIR:-$HOME/.cache/codeloom-services}"
DIR="$ROOT/temporal"
VERSION="${TEMPORAL_CLI_VERSION:-v1.5.1}"
BIN="$DIR/cli-$VERSION/temporal"
PORT="${TEMPORAL_PORT:-57233}"
STATE="$DIR/run-$PORT"
url() { echo "127.0.0.1:$PORT"; }
running() { # a zombie or a reused pid is not running
  [ -s "$STATE/pid" ] && grep -qsaF -- "$STATE/" "/proc/$(cat "$STATE/pid")/cmdline"
}
install() {
  [ -x "$BIN" ] && return
  local tmp="$DIR/cli-$VERSION.tmp.$$"; mkdir -p "$tmp"
  GOBIN="$tmp" CGO_ENABLED=0 GOFLAGS=-trimpath go install -ldflags '-s -w' "github.com/temporalio/cli/cmd/temporal@$VERSION" >&2 || { rm -rf "$tmp"; return 1; }
  rm -rf "$DIR/cli-$VERSION" && mv "$tmp" "$DIR/cli-$VERSION"
}
start() {
  install; test_server >/dev/null; mkdir -p "$STATE"
  if running; then url; return; fi
  local attributes=(); for name in CodeloomRepository CodeloomBranch CodeloomCommit CodeloomStatus; do attributes+=(--search-attribute "$name=Keyword"); done
  setsid "$BIN" server start-dev --headless --ip 127.0.0.1 --port "$PORT" --log-level error --db-filename "$STATE/state.db" "${attributes[@]}" >>"$STATE/log" 2>&1 </dev/null &
  echo $! >"$STATE/pid"
  for _ in $(seq 200); do
    if "$BIN" operator namespace describe default --address "$(url)" --command-timeout 2s >/dev/null 2>&1 && running; then url; return; fi
    sleep 0.2
  done
  tail -20 "$STATE/log" >&2; exit 1
}
stop() {
  if running; then kill "${1:--TERM}" "$(cat "$STATE/pid")"; for _ in $(seq 200); do running || break; sleep 0.05; done; fi
  rm -f "$STATE/pid"
}
test_server() {
  local version="${TEMPORAL_TEST_SERVER_VERSION:-1.38.0}" home launcher; home="$DIR/test-server-$version"; launcher="$home/temporal-test-server"
  if [ ! -x "$launcher" ]; then
    local tmp="$home.tmp.$$"; rm -rf "$tmp"; mkdir -p "$tmp"
    cat >"$tmp/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>temporal-test-server</artifactId><version>1</version>
<dependencies><dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>$version</version></dependency></dependencies></project>
POM
    mvn -q -B -f "$tmp/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >&2
    # The SDK waits five seconds for it: an archive of its classes halves the JVM's start.
    cat >"$tmp/temporal-test-server" <<'LAUNCH'
#!/usr/bin/env bash
here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
cds=(); [ ! -f "$here/app.jsa" ] || cds=(-XX:SharedArchiveFile="$here/app.jsa")
# shellcheck disable=SC2086
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${cds[@]}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m ${TEMPORAL_TEST_SERVER_JAVA_OPTS:-} -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
LAUNCH
    chmod +x "$tmp/temporal-test-server"; rm -rf "$home"; mv "$tmp" "$home"
    TEMPORAL_TEST_SERVER_JAVA_OPTS="-XX:ArchiveClassesAtExit=$home/app.jsa" "$launcher" 0 >/dev/null 2>&1 &
    local archiver=$!; sleep 8; kill "$archiver" 2>/dev/null || true; wait "$archiver" || true
  fi
  echo "$launcher"
}
case "${1:-}" in
  install|start|url) "$1" ;; stop) stop ;; crash) stop -KILL ;; reset) stop; rm -rf "$STATE" ;; test-server) test_server ;;
  *) sed -n '2,6p' "$0"; exit 2 ;;
esac
