"""Custom mixtures from Python, TOML and other projects' files; selections and errors."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.errors import AudioFlanError, MixtureError, UnknownNameError
from audioflan_tasks.mixtures import mixture, mixture_named, paper_sizes
from audioflan_tasks.mixtures.spec.importers import import_mixture
from audioflan_tasks.records import Instance
from audioflan_tasks.records.row_filter import RowFilter, licence_class

PAPER = paper_sizes()


def first_shares(mix: object) -> dict[str, float]:
    shares = mix.resolve(PAPER).shares  # type: ignore[attr-defined]
    return dict(zip(shares.tasks, shares.at(0).round(6).tolist(), strict=True))


def test_selections() -> None:
    assert len(mixture().tasks) == 80
    assert len(mixture("music").tasks) == 28
    assert len(mixture("Speech Enhancement").tasks) == 5
    assert mixture("denoising", "audioflan_denoising").tasks == ("audioflan_denoising",)
    without = mixture("speech", exclude=["generation", "speech recognition"])
    assert not {catalogue.get(n).paper_category for n in without.tasks} - {"understanding"}
    assert "audioflan_automatic_speech_recognition" not in without.tasks
    assert set(mixture("corpus:AliMeeting").tasks) == {"audioflan_speaker_diarization"}
    assert set(mixture("cluster:key_detection").tasks) >= {
        "audioflan_key_detection",
        "audioflan_key_comparison",
    }
    held = set(mixture("held_out").tasks)
    assert held == set(mixture_named("audioflan_unseen").tasks)
    assert not held & set(mixture(exclude=["held_out"]).tasks)
    assert {catalogue.get(t).answer for t in mixture("answer:audio").tasks} == {"audio"}
    weighted = mixture(weights={"denoising": 3, "key_detection": 1.5})
    assert weighted.rates({"audioflan_denoising": 9, "audioflan_key_detection": 1}) == {
        "audioflan_denoising": 3,
        "audioflan_key_detection": 1.5,
    }


def test_groups_points_tags_and_caps_in_python() -> None:
    clean = mixture("Speech Enhancement", policy="equal", tags={"kind": "restore"})
    music = mixture(weights={"key_detection": 1, "music_caption": 3})
    mix = mixture(
        groups={"clean": clean, "music": music},
        points=[[0, {"clean": 1, "music": 0}], [1000, {"clean": 1, "music": 3}]],
        shape="linear",
    )
    shares = mix.resolve(PAPER).shares
    assert shares.at(0)[0] == pytest.approx(0.2)
    late = dict(zip(shares.tasks, shares.at(5000), strict=True))
    assert late["audioflan_music_caption"] == pytest.approx(0.75 * 0.75)
    assert mix.tags["audioflan_denoising"] == {"kind": "restore"}
    capped = mixture("music", policy="equal", max_epochs=2, steps=2_000_000).resolve(PAPER)
    change = next(c for c in capped.share_changes if c.task == "audioflan_music_caption")
    assert change.capped_share < change.policy_share
    by_policy = mixture("denoising", "dereverberation", points=[[0, "size"], [10, "equal"]])
    assert by_policy.resolve({"audioflan_denoising": 3, "audioflan_dereverberation": 1}).shares.at(
        0
    ).tolist() == pytest.approx([0.75, 0.25])


def test_errors_say_what_and_offer_names() -> None:
    with pytest.raises(UnknownNameError, match="did you mean denoising"):
        mixture("denoisin")
    with pytest.raises(UnknownNameError, match="did you mean LibriTTS-R"):
        mixture("corpus:LibriTTSR")
    with pytest.raises(UnknownNameError, match="field to select by"):
        mixture("colour:red")
    with pytest.raises(MixtureError, match="no task is left"):
        mixture("music", exclude=["music"])
    for bad in (-1, 0, float("nan"), float("inf")):
        with pytest.raises(MixtureError, match="positive and finite"):
            mixture(weights={"denoising": bad})
    with pytest.raises(MixtureError, match="either"):
        mixture("music", weights={"denoising": 1})
    with pytest.raises(MixtureError, match="not both"):
        mixture(weights={"denoising": 1}, points=[[0, {"denoising": 1}]])
    with pytest.raises(UnknownNameError, match="policy"):
        mixture("music", policy="temprature")
    with pytest.raises(MixtureError, match=r"held out.*intent_classification"):
        mixture("speech", hold_out="default")
    with pytest.raises(UnknownNameError, match="did you mean languages"):
        mixture("speech", hold_out={"language": ["fr"]})
    with pytest.raises(MixtureError, match="expected a list"):
        mixture("speech", hold_out={"languages": "fr"})
    with pytest.raises(MixtureError, match='expected "default"'):
        mixture("speech", hold_out="audioflan_unseen")
    with pytest.raises(MixtureError, match="needs both"):
        mixture("music", max_epochs=3)
    with pytest.raises(MixtureError, match=r"stands twice"):
        mixture(groups={"a": mixture("music"), "b": mixture("key_detection")})
    with pytest.raises(MixtureError, match=r"weighs 'c'"):
        mixture(groups={"a": mixture("music")}, weights={"a": 1, "c": 1})
    with pytest.raises(UnknownNameError, match="did you mean language"):
        mixture("speech", rows={"langage": "English"})
    with pytest.raises(UnknownNameError, match="class of licence"):
        mixture("speech", rows={"licence": "free"})


@pytest.mark.slow
def test_rows_by_licence_language_grade_and_corpus() -> None:
    classes = {
        "CC0 1.0": "public_domain", "Public domain": "public_domain", "CC BY 4.0": "attribution",
        "MIT": "attribution", "CC BY-SA 3.0": "share_alike", "CC BY-NC-SA 4.0": "non_commercial",
        "CC BY-ND 2.0": "no_derivatives", "": "unknown", "all rights reserved": "unknown",
        "CC BY 3.0 + CC BY-SA 3.0": "share_alike", "CC-BY-4.0": "attribution",
        "Apache-2.0": "attribution", "GPL-3.0": "share_alike",
    }  # fmt: skip
    assert {text: licence_class(text) for text in classes} == classes
    corpus = open_corpus()
    instances = list(corpus.instances("text_to_speech"))
    english = RowFilter.of({"language": "english"})
    assert 0 < sum(map(english.keeps, instances)) < len(instances)
    assert all(i.other["language"] == "English" for i in instances if english.keeps(i))
    free = RowFilter.of({"not_licence": ["share_alike"], "not_grade": "W", "origin": "studio"})
    for one in filter(free.keeps, corpus.instances()):
        assert "SA" not in one.licence
        assert one.grade != "W"
        assert "studio" in one.source
    assert free.description == {
        "origin": ["studio"], "not_grade": ["W"], "not_licence": ["share_alike"],
    }  # fmt: skip


def test_of_several_filters_a_row_must_pass_one() -> None:
    either = RowFilter.of({"either": [{"language": "French"}, {"task": ["beat_tracking"]}]})
    assert either and RowFilter.of(either.description) == either
    french, beats = (
        next(i for i in open_corpus().instances(task, "test") if fits(i))
        for task, fits in (
            ("automatic_speech_recognition", lambda i: i.other["language"] == "French"),
            ("beat_tracking", lambda i: True),
        )
    )
    other = next(iter(open_corpus().instances("key_detection", "test")))
    assert [either.keeps(i) for i in (french, beats, other)] == [True, True, False]
    both = RowFilter.of({"not_grade": french.grade, "either": [{"language": "French"}]})
    assert not both.keeps(french)
    assert RowFilter.of({"unseen": "true"}).keeps(other.replace(unseen=True))
    assert not RowFilter.of({"not_unseen": "true"}).keeps(other.replace(unseen=True))
    with pytest.raises(MixtureError, match="expected a list of filters"):
        RowFilter.of({"either": "French"})


TOML = """
weight_by = "tokens"
hold_out = { tasks = ["melody_extraction"], languages = ["fr"] }
allow_held_out = ["melody_extraction", "pitch_classification", "beat_level_pitch_estimation"]
[rows]
not_grade = "W"
[[group]]
name = "restore"
weight = 2
select = ["Speech Enhancement"]
policy = { name = "capped", limit = 1000 }
tags = { kind = "restore" }
[[group]]
name = "rest"
weight = 1
  [[group.group]]
  name = "mir"
  weights = { key_detection = 1, chord_estimation = 3 }
  [[group.group]]
  name = "events"
  use = "audioflan_major_audio_caption"
"""


def test_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "mix.toml"
    path.write_text(TOML)
    mix = mixture.from_toml(path)
    assert mix.fingerprint == mixture_named(path).fingerprint
    assert mix.weight_by == "tokens"
    assert mix.rows.description == {"not_grade": ["W"]}
    assert mix.tags["audioflan_denoising"] == {"kind": "restore"}
    shares = mix.resolve(PAPER, dict.fromkeys(PAPER, 7.0)).shares
    got = dict(zip(shares.tasks, shares.at(0), strict=True))
    assert got["audioflan_denoising"] == pytest.approx(2 / 3 / 5)
    assert sum(got.values()) == pytest.approx(1)


def test_points_and_use_in_toml(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'shape = "linear"\npoints = [[0, {x = 1, y = 0}], [100, {x = 1, y = 1}]]\n'
        '[[group]]\nname = "x"\nuse = "b.toml"\n[[group]]\nname = "y"\nselect = ["music"]\n'
    )
    (tmp_path / "b.toml").write_text('select = ["speech"]\nexclude = ["held_out"]\n')
    mix = mixture.from_toml(tmp_path / "a.toml")
    assert mix.resolve(PAPER).shares.starts == (0, 100)
    (tmp_path / "b.toml").write_text('[[group]]\nname = "z"\nuse = "a.toml"\n')
    with pytest.raises(MixtureError, match=r"circle: a.toml -> b.toml -> a.toml"):
        mixture.from_toml(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("select = [", "not a readable TOML"),
        ('selct = ["music"]', "unknown key 'selct'; did you mean select"),
        ('select = ["musik"]', "did you mean music"),
        ('[[group]]\nweight = 1\nselect = ["music"]', "needs a name"),
        ('[[group]]\nname="a"\nweight=0\nselect=["music"]', "positive and finite"),
        ('[[group]]\nname="a"\nweight="x"\nselect=["music"]', "wrong kind"),
        ('[[group]]\nname="a"\nweight=1\n[[group]]\nname="b"\nselect=["music"]', "every group"),
        ('[[group]]\nname="a"\n[[group]]\nname="a"', "same name"),
        ('[[group]]\nname="a"\nselect=["music"]\nselct=[]', "group a: unknown key 'selct'"),
        ("weights = { denoising = -2 }", "positive and finite"),
        ('use = "nothing.toml"', "nothing.toml"),
        ('use = "audioflan_musik"', "did you mean audioflan_music"),
    ],
)
def test_toml_errors_name_file_and_key(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(content)
    with pytest.raises(AudioFlanError, match=words) as caught:
        mixture.from_toml(path)
    assert str(tmp_path) in str(caught.value)


def written(folder: Path, content: object, suffix: str = ".json") -> Path:
    path = folder / f"x{suffix}"
    path.write_text(json.dumps(content))
    return path


def test_nemo(tmp_path: Path) -> None:
    content = {
        "reweight_temperature": [1.0, 0.5],
        "input_cfg": [
            {"type": "group", "weight": 0.7, "tags": {"lang": "en"}, "input_cfg": [
                {"type": "nemo_tarred", "manifest_filepath": "/x/a.json", "weight": 4,
                 "tags": {"task": "Automatic Speech Recognition"}},
                {"type": "lhotse_shar", "shar_path": "/x/denoising", "weight": 16},
            ]},
            {"type": "nemo", "manifest_filepath": "/y/key_detection.json", "weight": 0.3},
        ],
    }  # fmt: skip
    pytest.importorskip("yaml")
    found = import_mixture(written(tmp_path, content, ".yaml"), "nemo")
    shares = first_shares(found.mix)
    assert shares["audioflan_automatic_speech_recognition"] == pytest.approx(0.7 / 3, abs=1e-6)
    assert shares["audioflan_key_detection"] == pytest.approx(0.3)
    assert found.mix.tags["audioflan_denoising"] == {"lang": "en"}
    assert any("1/tau" in note for note in found.notes)
    del content["input_cfg"][1]["weight"]  # type: ignore[index]
    with pytest.raises(MixtureError, match="no weight"):
        import_mixture(written(tmp_path, content), "nemo")


def test_energon(tmp_path: Path) -> None:
    blend = [{"weight": 5, "path": "./denoising", "subflavors": {"q": "a"}},
             {"weight": 2, "path": "./x", "subflavors": {"task": "key_detection"}}]  # fmt: skip
    found = import_mixture(written(tmp_path, {"splits": {"train": {"blend": blend}}}), "energon")
    assert list(first_shares(found.mix).values()) == pytest.approx([5 / 7, 2 / 7], abs=1e-6)
    assert found.mix.tags["audioflan_denoising"] == {"q": "a"}
    epochs = [{"repetitions": 3, "path": "denoising"}, {"repetitions": 1, "path": "key_detection"}]
    found = import_mixture(
        written(tmp_path, {"splits": {"train": {"blend_epochized": epochs}}}), "energon"
    )
    rates = found.mix.rates({"audioflan_denoising": 10, "audioflan_key_detection": 5})
    assert list(rates.values()) == [30, 5]
    with pytest.raises(MixtureError, match="join"):
        import_mixture(written(tmp_path, {"splits": {"train": {"join": []}}}), "energon")


def test_levanter_and_llamafactory(tmp_path: Path) -> None:
    stages = {"train_weights": [[0, {"denoising": 1.0}], [10, {"denoising": 1, "declipping": 1}]]}
    with pytest.raises(MixtureError, match="batch_size"):
        import_mixture(written(tmp_path, stages), "levanter")
    staged = import_mixture(written(tmp_path, stages), "levanter", batch_size=32)
    assert staged.mix.resolve(PAPER).shares.starts == (0, 320)
    plain = import_mixture(written(tmp_path, {"denoising": 0.5, "declipping": 0.5}), "levanter")
    assert set(first_shares(plain.mix).values()) == {0.5}
    config = {"dataset": "denoising, declipping", "interleave_probs": "0.25,0.75",
              "mix_strategy": "interleave_over"}  # fmt: skip
    found = import_mixture(written(tmp_path, config), "llamafactory")
    assert found.stop == "all_exhausted"
    assert first_shares(found.mix)["audioflan_declipping"] == 0.75
    with pytest.raises(MixtureError, match="concat"):
        import_mixture(written(tmp_path, config | {"mix_strategy": "concat"}), "llamafactory")
    with pytest.raises(MixtureError, match="2 datasets but 1"):
        import_mixture(written(tmp_path, config | {"interleave_probs": "1"}), "llamafactory")
    with pytest.raises(MixtureError, match="did you mean denoising"):
        import_mixture(written(tmp_path, {"denoisin": 1}), "levanter")
    with pytest.raises(UnknownNameError, match="format of mixture"):
        import_mixture(tmp_path / "x", "nema")
    with pytest.raises(MixtureError, match="not a nemo mixture"):
        import_mixture(written(tmp_path, [1, 2]), "nemo")


def test_mixtures_can_be_sent_to_other_processes() -> None:
    for name in ("size", "capped", "temperature", "unimax", "domain_balanced", "nested"):
        mix = mixture("music", policy=name)
        assert pickle.loads(pickle.dumps(mix)).fingerprint == mix.fingerprint
    weighted = mixture(weights={"key_detection": 2, "denoising": 1})
    sizes = {"audioflan_key_detection": 1, "audioflan_denoising": 1}
    assert pickle.loads(pickle.dumps(weighted)).rates(sizes) == weighted.rates(sizes)


def test_a_licence_leaves_out_what_binds_more(tmp_path: Path) -> None:
    licences = {"CC0": "public_domain", "Apache-2.0": "attribution", "CC BY-SA 4.0": "share_alike",
                "MIT + CC BY-NC 4.0": "non_commercial", "": "unknown"}  # fmt: skip
    record = Instance(instruction="?", input="", output="x")

    def kept(licence: str) -> set[str]:
        keeps = mixture("speech", licence=licence).rows.keeps
        return {licences[x] for x in licences if keeps(record.replace(other={"licence": x}))}

    assert kept("share_alike") == {"public_domain", "attribution", "share_alike"}
    assert kept("non_commercial") == {*licences.values()} - {"unknown"}
    assert kept("unknown") == {*licences.values()}
    (tmp_path / "m.toml").write_text('select = ["speech"]\nlicence = "share_alike"\n')
    in_file, in_python = (
        mixture_named(tmp_path / "m.toml"),
        mixture("speech", licence="share_alike"),
    )
    assert in_file.fingerprint == in_python.fingerprint
    with pytest.raises(UnknownNameError, match="class of licence"):
        mixture("speech", licence="free")
    with pytest.raises(MixtureError, match="either licence or rows"):
        mixture("speech", licence="unknown", rows={"licence": "unknown"})
