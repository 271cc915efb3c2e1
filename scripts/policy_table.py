"""Writes the table of rate policies in docs/mixtures.md: shares and epochs on the paper's sizes.

With `--check` nothing is written, and the exit status is 1 if the file is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generated_page import between, write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.mixtures import paper_sizes  # noqa: E402
from audioflan_tasks.mixtures.spec.policies import POLICIES  # noqa: E402

TARGET = ROOT / "docs" / "mixtures.md"
DOMAINS = ("speech", "music", "audio")
STEPS = 10_000_000

# n is the number of records of a task.
RATES = {
    "size": "n",
    "capped": "min(n, 30,000) (T5, FLAN)",
    "temperature": "n^(1/3) (mT5; T as in seqio)",
    "unimax": "equal, at most 4 epochs of a task (Chung et al. 2023)",
    "equal": "1",
    "domain_balanced": "a third for each domain; n^(1/3) inside",
    "category_balanced": "half for each category; n^(1/3) inside",
    "nested": "n^(1/3) for domains, then for major tasks; n inside",
}


def main() -> int:
    """Writes the table, or says whether it is up to date."""
    return write_or_check(TARGET, between("policies", table(), TARGET.read_text(encoding="utf-8")))


def table() -> str:
    """One line for each policy."""
    lines = [
        "| policy | rate | speech | music | audio | most epochs of a task in 10 M draws |",
        "|---|---|---|---|---|---|",
        *(_line(name) for name in POLICIES),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str) -> str:
    sizes = paper_sizes()
    rates = POLICIES[name].rates(sizes)
    total = sum(rates.values())
    shares = [
        sum(rates[row.name] for row in catalogue.tasks() if row.domain == domain) / total
        for domain in DOMAINS
    ]
    epochs = max(STEPS * rate / total / sizes[task] for task, rate in rates.items())
    percent = " | ".join(f"{100 * share:.1f} %" for share in shares)
    return f"| `{name}` | {RATES[name]} | {percent} | {epochs:.2g} |"


if __name__ == "__main__":
    raise SystemExit(main())
