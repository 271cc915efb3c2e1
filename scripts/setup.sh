#!/usr/bin/env bash
# Sets up a virtual environment with this package, and says what it does meanwhile.
# Usage: scripts/setup.sh VENV WHAT   (WHAT as for pip: . or '.[dev]')
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
if [ ! -x "$venv/bin/python" ]; then
  echo "making the virtual environment $venv"
  python3 -m venv "$venv"
fi
# Tested releases leave pip nothing to search; modules are compiled when they are first imported.
pip=("$venv/bin/python" -m pip install --progress-bar off --no-compile -c constraints.txt)
echo "installing the releases of constraints.txt (the first time about 700 MB and a minute or two)"
# The pip that comes with Python 3.11 takes twice the time to resolve.
"${pip[@]}" -q pip setuptools wheel
build=()
if [ "$2" = . ]; then
  # What comes as source is built with this setuptools; else each such package would get one in an
  # environment of its own, as those of the extras need: PESQ is built with NumPy.
  build=(--no-build-isolation)
fi
PYTHONWARNINGS=ignore "${pip[@]}" ${build[@]+"${build[@]}"} --no-warn-conflicts -e "$2" \
  | awk '/Downloading .*[0-9] MB\)/ || /^Installing/ { print "  " substr($0, 1, 76); fflush() }'
