#!/usr/bin/env bash
# Sets up a virtual environment and prints mixed, tokenized examples of the demo corpus.
# Usage: scripts/demo.sh [VENV]   (default .venv)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install -q -c constraints/py311.txt -e .
exec "$venv/bin/audioflan" preview audioflan_all --count 8
