#!/usr/bin/env bash
# Sets up an environment with the extra `remote` and a server of S3's protocol (moto), and runs the
# tests that need them. Servers are started by the tests, on loopback.
# Usage: scripts/check_remote.sh [VENV]   (default .venv-remote)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv-remote}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install -q --no-compile -c constraints.txt \
  -e '.[remote]' 'moto[server]>=5' pytest hypothesis
exec "$venv/bin/python" -m pytest -q -rs tests/remote tests/store/test_remote_units.py
