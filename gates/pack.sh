#!/usr/bin/env bash
# `npm pack` gives a package that installs and works elsewhere.
set -eu
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The console is built by its own packages.
[ -d console/node_modules ] || npm ci --no-audit --no-fund --loglevel=error --prefix console
npm pack --silent --pack-destination "$work" >/dev/null
cd "$work"
mkdir there && cd there
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error "$work"/*.tgz
npx --no-install weft version --remote=false
npx --no-install weft --help >/dev/null
npx --no-install weft install --dry-run=client | grep -q "kind: MutatingWebhookConfiguration"
npx --no-install weft validate -f node_modules/weft-mesh/samples/bookinfo/networking/destination-rules.yaml
# The sample is TypeScript, which Node does not run below node_modules: that is told, and a copy of it runs.
if told=$(npx --no-install weft up node_modules/weft-mesh/samples/bookinfo 2>&1); then exit 1; fi
grep -q "copy it" <<<"$told"
cp -r node_modules/weft-mesh/samples/bookinfo .
export XDG_STATE_HOME=$work/state
node node_modules/weft-mesh/bin/weft.mjs up bookinfo --http-port 29300 --https-port 29301 --console-port 29302 >up.log 2>&1 &
up=$!
trap 'kill -INT $up 2>/dev/null; wait $up; rm -rf "$work"' EXIT
for _ in $(seq 1 300); do
  grep -q "Ctrl-C stops it" up.log && break
  kill -0 $up || { cat up.log; exit 1; }
  sleep 0.2
done
page=$(curl -sS --max-time 20 http://127.0.0.1:29300/productpage)
grep -q "George Eliot" <<<"$page"
console=$(curl -sS --max-time 20 http://127.0.0.1:29302/)
grep -q "<script" <<<"$console"
npx --no-install weft down
wait $up
trap 'rm -rf "$work"' EXIT
