#!/usr/bin/env bash
# Builds the wheel from a clean clone and tries it in an environment of its own, away
# from the checkout: nothing generic may be installed, metadata must tell version and
# licences, and the main job must work.
# Usage: scripts/check_wheel.sh WORK   (WORK is an empty folder)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$1
git clone -q . "$work/clone"
python3 -m venv "$work/build"
"$work/build/bin/pip" install -q build
"$work/build/bin/python" -m build -q --outdir "$work/dist" "$work/clone"
python3 -m venv "$work/wheel"
"$work/wheel/bin/pip" install -q --no-compile -c constraints.txt "$work"/dist/*.whl
"$work/wheel/bin/python" scripts/wheel_metadata.py
cd "$work"
"$work/wheel/bin/python" - <<'PY'
import importlib.util

import audioflan_tasks
import seqio

assert "site-packages" in audioflan_tasks.__file__, audioflan_tasks.__file__
for name in ("mixtures", "preprocessors", "metrics", "tests"):
    assert importlib.util.find_spec(name) is None, f"{name} landed in site-packages"
dataset = seqio.get_mixture_or_task("audioflan_all").get_dataset(seed=1)
tasks = [example["task"].decode() for example in dataset.take(40).as_numpy_iterator()]
assert len(set(tasks)) > 15, tasks
print("wheel works:", len(set(tasks)), "tasks in 40 examples")
PY
"$work/wheel/bin/audioflan" tasks >/dev/null
"$work/wheel/bin/audioflan" check --demo >/dev/null
