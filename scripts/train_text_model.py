"""Trains the SentencePiece text model that ships with the package.

    pip install babel
    python scripts/train_text_model.py

Material, all licence-clean (audioflan_tasks/tokens/data/TEXT_MODEL.md): the project's own
template pools and task definitions, the transcripts of the demo corpus, and the names of
languages, countries, dates and units in the Unicode CLDR as Babel packages it. Other text
is covered by byte fallback. Equal material gives an equal model.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import sentencepiece
from babel import Locale

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

LOCALES = (
    "en", "zh", "fr", "es", "it", "ru", "de", "pt", "nl", "pl", "ja", "ko", "sv", "tr", "cs",
    "fi", "el", "uk", "hu", "ro", "vi", "id", "hi", "ar", "he",
)  # fmt: skip
OWN_WEIGHT = 12  # the model is used on instructions far more than on names of countries
PIECES = 6000


def main() -> None:
    """Trains and writes the model."""
    from audioflan_tasks import catalogue

    own = [*pools(), *demo(), *(row.definition for row in catalogue.tasks())]
    lines = [*itertools.chain.from_iterable(itertools.repeat(own, OWN_WEIGHT)), *cldr()]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type="unigram",
        vocab_size=PIECES,
        character_coverage=0.9995,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        user_defined_symbols=["\n"],
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,  # sums of several threads differ in the last bit
        minloglevel=1,
    )
    target = ROOT / "audioflan_tasks" / "tokens" / "data" / "text.model"
    target.write_bytes(model.getvalue())
    print(f"{len(lines)} lines, {len(model.getvalue()) / 1000:.0f} kB, {PIECES} pieces")


def pools() -> Iterator[str]:
    """Every instruction, label and lead-in of the template pools."""
    for file in sorted((ROOT / "preprocessors" / "pools").glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        yield from (row["ask"] for row in data["instruction"])
        yield from itertools.chain.from_iterable(data["inputs"].values())
        yield from data["answer"]["lead_ins"]


def demo() -> Iterator[str]:
    """Text of the demo corpus's records, without spans."""
    metadata = ROOT / "audioflan_tasks" / "demo" / "corpus" / "metadata"
    for file in sorted(metadata.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            for text in (record["input"], record["output"]):
                yield from (part for part in text.split("\n") if part and "<|" not in part)


def cldr() -> Iterator[str]:
    """Names in the CLDR, one a line."""
    for name in LOCALES:
        locale = Locale.parse(name)
        tables = [locale.languages, locale.territories, locale.scripts, locale.currencies]
        tables += [locale.months["format"]["wide"], locale.days["format"]["wide"]]
        for table in tables:
            yield from (str(table[key]) for key in sorted(table, key=str))
        units = locale.unit_display_names
        yield from (str(units[key]) for key in sorted(units))


if __name__ == "__main__":
    main()
