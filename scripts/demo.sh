#!/usr/bin/env bash
# Sets up a virtual environment and prints mixed, tokenized examples of the demo corpus.
# Usage: scripts/demo.sh [VENV]   (default .venv)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
bash scripts/setup.sh "$venv" .
"$venv/bin/audioflan" preview audioflan_all --count 8
cat <<NEXT
These are the first 8 examples of the mixture of all 80 tasks, as a trainer gets them:
instructions from the template pools, audio of the bundled corpus as ids of the tokenizer.
What next? First: source $venv/bin/activate
  listen      audioflan preview audioflan_all --count 8 --html preview.html
  look        audioflan tasks; audioflan show key_detection
  train       the tour in README.md; examples/
  own data    audioflan check FOLDER; docs/format.md
  score       audioflan evaluate nearest key_detection --limit 8 --out run; docs/evaluation.md
              scores of all tasks: pip install -c constraints.txt -e '.[metrics]'
NEXT
