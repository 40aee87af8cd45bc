#!/usr/bin/env bash
# The project is installed from whatever registry its user has: no committed file says where packages come from.
set -u
found=$(git grep -nE '"resolved": *"https?://|registry\.npmjs\.org|pypi\.org|proxy\.golang\.org|deb\.debian\.org' -- . ':!gates/no-hosts.sh' || true)
[ -z "$found" ] && exit 0
printf '%s\n' "$found" | cut -c1-200 | head -20
exit 1
