#!/usr/bin/env bash
# `npm pack` gives a package that installs and works elsewhere.
set -eu
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" >/dev/null
cd "$work"
mkdir there && cd there
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error "$work"/*.tgz
npx --no-install weft version --remote=false
npx --no-install weft --help >/dev/null
npx --no-install weft validate -f node_modules/weft-mesh/samples/bookinfo/networking/destination-rules.yaml
cd "$root"
