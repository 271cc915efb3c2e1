#!/usr/bin/env bash
# Sets up an environment with the extra `remote` and a server of S3's protocol (moto), and runs the
# tests that need them. The tests start their servers themselves, on loopback.
# Usage: scripts/check_remote.sh [VENV]   (default .venv-remote)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv-remote}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# Amazon's clients need older releases of these two.
grep -vE '^(python-dateutil|wrapt)==' constraints.txt >"$venv/constraints.txt"
# One release of botocore fits both s3fs and moto; pip tries dozens to find it.
"$venv/bin/python" -m pip install -q --no-compile -c "$venv/constraints.txt" -e '.[remote]' \
  'aiobotocore==3.3.0' 'boto3==1.42.70' 'moto[s3]>=5' flask flask-cors pytest hypothesis
exec "$venv/bin/python" -m pytest -q -rs tests/remote tests/store/test_remote_units.py
