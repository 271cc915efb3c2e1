#!/usr/bin/env bash
# Sets up a virtual environment and prints mixed, tokenized examples of the demo corpus.
# Usage: scripts/demo.sh [VENV]   (default .venv)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# Tested releases leave pip nothing to search; modules are compiled when they are first imported.
"$venv/bin/python" -m pip install -q --no-compile -c constraints.txt -e .
exec "$venv/bin/audioflan" preview audioflan_all --count 8
