#!/usr/bin/env bash
# Sets up a virtual environment and runs the checks of scripts/check.py in it.
# Usage: scripts/test.sh [--quick|--full] [VENV]   (default .venv)
set -euo pipefail
cd "$(dirname "$0")/.."
run=()
venv=.venv
for argument in "$@"; do
  case "$argument" in
    --quick | --full) run=("$argument") ;;
    -*) echo "test.sh: $argument: expected [--quick|--full] [VENV]" >&2; exit 2 ;;
    *) venv=$argument ;;
  esac
done
bash scripts/setup.sh "$venv" '.[dev]'
exec "$venv/bin/python" scripts/check.py ${run[@]+"${run[@]}"}
