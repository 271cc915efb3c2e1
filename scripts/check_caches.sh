#!/usr/bin/env bash
# Sets up the environment of the extra `cache`, which cannot be that of the other checks (Beam
# needs an older protobuf), and runs the tests that write caches with `seqio_cache_tasks` in it.
# Usage: scripts/check_caches.sh [VENV]   (default .venv-cache)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv-cache}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# A package of the first list has another release in the second: pip takes one of each.
awk -F'==' '/^#/ { next } !seen[tolower($1)]++' scripts/cache_constraints.txt constraints.txt \
  >"$venv/constraints.txt"
"$venv/bin/python" -m pip install -q --no-compile -c "$venv/constraints.txt" \
  -e '.[cache]' pytest hypothesis
exec "$venv/bin/python" -m pytest -q -rs tests/seqio_tasks/test_cache_tool.py
