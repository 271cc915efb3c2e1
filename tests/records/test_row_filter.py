"""Filters by corpus, origin and language, and those that match nothing."""

from __future__ import annotations

import pytest

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import hold_out
from audioflan_tasks.records import Instance
from audioflan_tasks.records.row_filter import RowFilter

LIBRI = Instance(
    instruction="", input="", output="", task="text_to_speech", corpus="LibriTTS-R",
    source=("audiobook",),
)  # fmt: skip
AISHELL = LIBRI.replace(corpus="AISHELL-3", source=("studio",))
OTHER = LIBRI.replace(corpus="", source=(), other={"language": "French", "speaker": ["p225"]})
RECORDS = (LIBRI, AISHELL, OTHER)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ({"corpus": "LibriTTS-R"}, (LIBRI,)),
        ({"corpus": "13_LibriTTS-R"}, (LIBRI,)),
        ({"corpus": ["librittsr", "aishell 3"]}, (LIBRI, AISHELL)),
        ({"not_corpus": "LibriTTS-R"}, (AISHELL, OTHER)),
        ({"origin": "Studio"}, (AISHELL,)),
        ({"not_origin": "studio"}, (LIBRI, OTHER)),
        ({"language": "english"}, (LIBRI,)),
        ({"language": "Chinese"}, (AISHELL,)),
        ({"language": "French"}, (OTHER,)),
        ({"language": "fra"}, (OTHER,)),
        ({"language": ["EN", "zh-CN"]}, (LIBRI, AISHELL)),
        ({"speaker": "P225"}, (OTHER,)),
        ({"not_speaker": "p225"}, (LIBRI, AISHELL)),
        ({"speaker": "VCTK/p225"}, ()),
        ({"corpus": "AISHELL"}, ()),
        ({"corpus": "studio"}, ()),
    ],
)
def test_corpus_origin_and_language(rows: dict[str, object], kept: tuple[Instance, ...]) -> None:
    assert tuple(filter(RowFilter.of(rows).keeps, RECORDS)) == kept


@pytest.mark.parametrize(
    ("variety", "language"),
    [
        ("Chinese (Mandarin)", "zh"), ("普通话", "Chinese"), ("粤语", "yue"),
        ("American English", "eng"), ("Brazilian Portuguese", "pt-PT"), ("nb", "Norwegian"),
        ("Egyptian Arabic", "ar"),
        ("English and French", "francais"), ("法语", "French"),
    ],
)  # fmt: skip
def test_a_variety_is_of_its_language(variety: str, language: str) -> None:
    record = OTHER.replace(other={"language": variety})
    for name in (variety, language):
        assert RowFilter.of({"language": name}).keeps(record)
        assert not RowFilter.of({"not_language": name}).keeps(record)
        assert not hold_out(languages=[name]).hold_out.for_training(record)
    assert not RowFilter.of({"language": "Canadian French"}).keeps(OTHER)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"corpus": "LibriTS-R"}, "no record has the corpus 'LibriTS-R'; nearest: LibriTTS-R"),
        ({"not_corpus": "Aishel-3"}, "nearest: AISHELL-3"),
        ({"origin": "studoi"}, "no record has the origin 'studoi'; nearest: studio"),
        ({"not_language": "Frensh"}, "nearest: French"),
        ({"speaker": "p226"}, "no record has the speaker 'p226'; nearest: p225; there are: p225"),
        ({"either": [{"origin": "studio"}, {"corpus": "zzz"}]}, "'zzz'; there are: AISHELL-3, Lib"),
    ],
)
def test_a_value_of_no_record_is_an_error_with_the_nearest(
    rows: dict[str, object], words: str
) -> None:
    with pytest.raises(MixtureError, match=words):
        RowFilter.of(rows).refuse_unmatched(RECORDS)


@pytest.mark.parametrize("name", ["p225", "P225", "VCTK/p225", "12_vctk/P225", "V C T K/p225"])
def test_a_speaker_is_of_any_corpus_or_of_one_in_any_spelling(name: str) -> None:
    record = LIBRI.replace(corpus="VCTK", other={"speaker": "p225"})
    assert RowFilter.of({"speaker": name}).keeps(record)
    assert not RowFilter.of({"speaker": name}).keeps(record.replace(other={"speaker": "p226"}))


def test_a_corpus_is_also_that_of_the_folder_and_of_audio_ids() -> None:
    keeps = RowFilter.of({"corpus": "01_Asterisk_EN"}).keeps
    record = LIBRI.replace(corpus="")
    assert keeps(record.replace(input="<|SOA|>01_Asterisk_EN_agent-pass<|EOA|>"))
    assert keeps(record.replace(where="metadata/speech/test/01_Asterisk_EN/a.jsonl:1"))
    assert not keeps(record.replace(input="<|SOA|>01_Asterisk_ENG_agent<|EOA|>"))
    libri = RowFilter.of({"corpus": "LibriTTS"}).keeps
    assert not libri(record.replace(input="<|SOA|>LibriTTS-R_84_1<|EOA|>"))


def test_values_of_some_record_and_lists_with_guards_pass() -> None:
    filters = {
        "corpus": "aishell3", "not_origin": "audiobook", "language": "french",
        "not_grade": "W", "not_unseen": "true", "not_licence": "non_commercial",
    }  # fmt: skip
    RowFilter.of(filters).refuse_unmatched(RECORDS)


def test_origins_are_held_out_beside_corpora() -> None:
    fold = hold_out(origins=["Studio"], corpora=["13_LibriTTS-R"]).hold_out
    assert [fold.for_training(record) for record in RECORDS] == [False, False, True]
    assert [fold.for_evaluation(record) for record in RECORDS] == [True, True, False]
