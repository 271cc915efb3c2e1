"""docs/chains.md is what its script would write now; in this process, where seqio is loaded."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_chains_is_up_to_date() -> None:
    script = ROOT / "scripts" / "chain_table.py"
    spec = importlib.util.spec_from_file_location("chain_table", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "chains.md").read_text(encoding="utf-8")
    assert module.page() == page, "run scripts/chain_table.py"
    assert page.count("apply_template(task=") >= 80
