"""`audioflan evaluate MODEL --folds WIDTH --out FOLDER`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.evaluation.fold_results import FoldsResults
from audioflan_tasks.evaluation.folds import evaluate_folds
from audioflan_tasks.evaluation.models import Model, NearestModel
from audioflan_tasks.evaluation.spec import arguments, model_of
from audioflan_tasks.mixtures import WIDTHS, Split, Width

__all__ = ["run_folds"]


def run_folds(
    model: str, model_args: str, folds: str, out: Path, root: Path | None, **options: Any
) -> int:
    """Runs all folds of the widths; 0 if every task has a score, else 1."""
    names = WIDTHS if folds == "all" else tuple(part.strip() for part in folds.split(","))
    unknown = [name for name in names if name not in WIDTHS]
    if unknown:
        raise SettingsError(f"--folds {unknown[0]!r}: expected {', '.join(WIDTHS)} or all")
    widths = cast("tuple[Width, ...]", names)

    def model_of_fold(part: Split, width: Width) -> Model:
        if model == NearestModel.name:
            return NearestModel(part.train.tasks)
        words = {"width": width, "fold": part.hold_out.name}
        return model_of(
            _filled(model, words), arguments(_filled(model_args, words)), options["seed"]
        )

    models = " ".join(filter(None, (model, model_args)))
    # What `nearest` knows differs by fold.
    models += " {fold}" if model == NearestModel.name else ""
    results = evaluate_folds(
        model_of_fold, out, widths=widths, models=models,
        corpus=None if root is None else Corpus(root), **options,
    )  # fmt: skip
    _print(results, out)
    return 1 if results.failed else 0


def _filled(text: str, words: Mapping[str, str]) -> str:
    """The text with `{width}` and `{fold}` replaced; other braces, as of JSON, stay."""
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def _print(results: FoldsResults, out: Path) -> None:
    rows = [
        (width, fold.name, str(len(fold.tasks)), str(fold.training_tasks), _number(fold.value),
         ", ".join(fold.failed))
        for width, folds in results.widths.items()
        for fold in folds
    ]  # fmt: skip
    print_table(("width", "held out", "tasks", "trained on", "0-100", "failed"), rows)
    for width in results.widths:
        print(f"{width}: {_number(results.mean(width))}")
    print(f"wrote {out / 'folds.html'}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
