"""Simulation over folders: what is written, that it can be killed, and what users get wrong."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.audio.check import check
from audioflan_tasks.cli.simulate import list_presets
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import FileWriteError, SettingsError, SimulationError
from audioflan_tasks.preprocessors.simulate import KINDS
from audioflan_tasks.preprocessors.simulate.runs import (
    Outcome,
    SimulationRun,
    presets,
    read_labels,
    run,
    sounds,
)
from audioflan_tasks.preprocessors.simulate.runs import job as job_module
from audioflan_tasks.preprocessors.simulate.runs.records import (
    DEVICES,
    FORMS,
    VOCODERS,
    record_forms,
)
from tests.conftest import maker_of
from tests.kinds import first_of

SPEECH, RATE = soundfile.read(
    Path(__file__).parents[3] / "data" / "librivox_0870.flac", dtype="float32"
)
NOISE = demo_root() / "audio_files" / "speech" / "08_OpenSFX_Noise"
PRESETS = presets()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven sounds of three labels, one of them stereo at another rate, and one broken file."""
    home = tmp_path_factory.mktemp("in")
    for number, label in enumerate(("dog bark", "rain", "car horn") * 2):
        (home / label).mkdir(exist_ok=True)
        part = SPEECH[number * 9000 : number * 9000 + 20000]
        soundfile.write(home / label / f"clip {number}.flac", part, RATE)
    both = np.stack([SPEECH[:-1], SPEECH[1:]], axis=1)
    soundfile.write(home / "rain" / "long.wav", both, 22050)
    (home / "rain" / "broken.wav").write_bytes(b"RIFF but no more")
    (home / "notes.txt").write_text("no audio")
    return home


def made(which: str, folder: Path, out: Path, workers: int = 1, **options: Any) -> Outcome:
    preset = PRESETS[which]
    files = sounds([folder]) if preset.reads else ()
    partners = sounds([NOISE] if which == "add_noise" else [folder]) if preset.others else ()
    return run(SimulationRun.plan(preset, files, partners, out, **options), workers)


def digest(root: Path) -> dict[str, str]:
    """Hash of every file of a corpus but the lock."""
    files = (p for p in root.rglob("*") if p.is_file() and p.name != "lock")
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


def records(out: Path, task: str) -> list[dict[str, Any]]:
    (path,) = out.rglob(f"{task}.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def wave(out: Path, text: str) -> NDArray[np.float32]:
    (audio_id,) = (part.split("<|EOA|>")[0] for part in text.split("<|SOA|>")[1:])
    (path,) = (out / "audio_files").rglob(f"{audio_id.split('_', 2)[2]}.flac")
    samples: NDArray[np.float32] = soundfile.read(path, dtype="float32")[0]
    return samples


def test_every_kind_has_a_preset_of_its_name_and_makes_records() -> None:
    assert all(record_forms(kind) for kind in KINDS)
    assert {name for name in PRESETS if name in KINDS} == set(KINDS)


def test_rows_name_forms_and_kinds_that_there_are() -> None:
    records = [record for row in catalogue.tasks() for record in row.simulations]
    assert {record.form for record in records} == set(FORMS)
    assert {kind for record in records for kind in record.kinds} == set(KINDS)
    assert set(record_forms("mix")) == {
        "label_querying_sound_extraction", "audio_querying_sound_extraction", "speaker_extraction",
        "text_guided_source_separation", "text_guided_audio_source_separation",
    }  # fmt: skip
    assert set(record_forms("noise")) == {"speech_silence_music_and_noise_classification"}


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_makes_a_corpus_without_problems(name: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    outcome = made(name, folder, out, times=3 if name == "noise" else 1)
    # One file is broken; only one is long enough for a background.
    assert outcome.skipped == {"noise": 0, "place_in_background": 7}.get(name, 1)
    assert set(outcome.records) == set(PRESETS[name].tasks)
    report = check(out)
    assert report.ok
    assert report.records == sum(outcome.records.values())
    assert not report.ledger.repairs
    corpus = Corpus(out)
    for task, count in outcome.records.items():
        assert corpus.size(task, "train") == count
        example = maker_of(corpus).example(corpus.instance(task, "train", 0), seed=0)
        assert example is not None
        assert example.provenance["template"].startswith(f"{task}/")


def test_labels_are_those_of_the_signal(folder: Path, tmp_path: Path) -> None:
    made("add_noise", folder, tmp_path)
    told = {r["output"] for r in records(tmp_path, "signal_to_noise_ratio_estimation")}
    assert len(told) > 1
    for record in records(tmp_path, "denoising"):
        noisy, clean = wave(tmp_path, record["input"]), wave(tmp_path, record["output"])
        ratio = 10 * np.log10(np.mean(clean**2) / np.mean((noisy - clean) ** 2))
        assert ratio == pytest.approx(record["other"]["label"]["snr_db"], abs=0.1)
        assert f"{record['other']['label']['snr_db']:.1f} dB" in told


@pytest.mark.slow
def test_events_lie_where_the_answer_says(folder: Path, tmp_path: Path) -> None:
    made("place", folder, tmp_path)
    for record in records(tmp_path, "sound_event_detection"):
        audio = wave(tmp_path, record["input"])
        level = np.abs(audio)
        inside = np.zeros(len(audio), bool)
        for interval in record["output"].split("; "):
            times, label = interval.split(" ", 1)
            assert label in record["other"]["options"]
            start, end = map(float, times.split("-"))
            inside[round(start * RATE) : round(end * RATE)] = True
        assert level[inside].mean() > 2 * level[~inside].mean()


def test_a_part_of_a_mixture_is_what_its_label_names(folder: Path, tmp_path: Path) -> None:
    made("mix", folder, tmp_path)
    by_mixture: dict[str, list[dict[str, Any]]] = {}
    for record in records(tmp_path, "label_querying_sound_extraction"):
        by_mixture.setdefault(record["input"].split("mixture: ")[1], []).append(record)
    for mixture, parts in by_mixture.items():
        labels = [r["input"].split("\n")[0] for r in parts]
        assert len(set(labels)) == len(labels) >= 2
        whole = np.sum([wave(tmp_path, r["output"]) for r in parts], axis=0)
        assert np.allclose(whole, wave(tmp_path, mixture), atol=4e-4)


@pytest.mark.parametrize(
    ("preset", "task", "piece"),
    [
        ("mix", "audio_querying_sound_extraction", "query"),
        ("mix_speakers", "speaker_extraction", "enrolment"),
    ],
)
def test_an_example_is_another_sound_of_the_label(
    preset: str, task: str, piece: str, folder: Path, tmp_path: Path
) -> None:
    made(preset, folder, tmp_path)
    for record in records(tmp_path, task):
        given = dict(line.split(": ", 1) for line in record["input"].split("\n"))
        example, part = wave(tmp_path, given[piece]), wave(tmp_path, record["output"])
        own = record["other"]["simulated"]["sounds"][0]
        sources = {s.name: s for s in sounds([folder])}
        label = sources[own].label
        same = [s for s in sources.values() if s.label == label and s.name != own]
        usable = [s for s in same if not s.path.endswith("broken.wav")]
        heard = [_begin(job_module._part(s, RATE, 0.0, 20.0, 0)) for s in usable]
        assert any(np.allclose(_begin(example), other, atol=1e-4) for other in heard)
        mixture = wave(tmp_path, given["mixture"])
        assert np.abs(mixture - part).max() > 0.01  # the rest is in there


def _begin(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    return audio[:8000]


@pytest.mark.slow
def test_rare_labels_are_mixed_in_as_often_as_others(tmp_path: Path) -> None:
    for number in range(40):
        label = "rare" if number == 0 else "rarer" if number == 1 else "common"
        (tmp_path / label).mkdir(exist_ok=True)
        part = SPEECH[number * 1000 : number * 1000 + 8000]
        soundfile.write(tmp_path / label / f"{number}.wav", part, RATE)
    common = sounds([tmp_path / "common"], labels={f"{n}.wav": "common" for n in range(40)})
    run(SimulationRun.plan(PRESETS["mix"], common, sounds([tmp_path]), tmp_path / "out"))
    asked = records(tmp_path / "out", "label_querying_sound_extraction")
    said = [r["input"].split("\n")[0].removeprefix("label: ") for r in asked]
    assert said.count("common") == 38
    assert 10 < said.count("rare") < 38
    assert 10 < said.count("rarer") < 38


def test_speakers_are_numbered_as_they_appear(folder: Path, tmp_path: Path) -> None:
    made("dialogue", folder, tmp_path)
    for record in records(tmp_path, "speaker_diarization"):
        turns = [part.split(" ", 1)[1] for part in record["output"].split("; ")]
        numbers = [int(turn.removeprefix("speaker ")) for turn in turns]
        assert list(dict.fromkeys(numbers)) == list(range(1, max(numbers) + 1))


def test_names_of_devices_and_vocoders_cover_the_kinds() -> None:
    for kind, parameter, named in (
        ("channel", "preset", DEVICES), ("vocode", "method", VOCODERS)
    ):  # fmt: skip
        assert set(get_args(KINDS[kind].params.model_fields[parameter].annotation)) == set(named)


@pytest.mark.slow
def test_processes_do_not_change_the_result(folder: Path, tmp_path: Path) -> None:
    made("add_coloured_noise", folder, tmp_path / "one", times=5)
    made("add_coloured_noise", folder, tmp_path / "three", 3, times=5)
    assert digest(tmp_path / "one") == digest(tmp_path / "three")


def test_another_seed_gives_other_results(folder: Path, tmp_path: Path) -> None:
    made("clip", folder, tmp_path / "a")
    made("clip", folder, tmp_path / "b", seed=1)
    a, b = digest(tmp_path / "a"), digest(tmp_path / "b")
    assert a.keys() == b.keys()
    assert sum(a[k] != b[k] for k in a if k.endswith("made.flac")) > 3


@pytest.mark.slow
@pytest.mark.parametrize("number", first_of(signal.SIGTERM, signal.SIGKILL, signal.SIGINT))
def test_a_killed_run_goes_on_and_gives_the_same_bytes(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out, times = tmp_path / "killed", 8
    script = Path(__file__).with_name("killed_run.py")
    command = [
        sys.executable,
        str(script),
        str(folder),
        str(out),
        str(times),
        "24",
        str(int(number)),
    ]
    killed = subprocess.run(command, capture_output=True, check=False)
    statuses = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
    assert killed.returncode == statuses[number], killed.stderr.decode()
    logged = {
        path
        for log in (
            *(out / "simulated").rglob("*.part"),
            *(out / "simulated").rglob("*.jsonl"),
        )
        for line in log.read_text().splitlines()
        if line.endswith("}")
        for _, path in json.loads(line).get("clips", ())
    }
    # Seven files that can be read, two clips of each.
    assert 0 < len(logged) <= 24 < 2 * 7 * times
    assert not (out / "metadata").exists()
    before = {path: (out / path).stat().st_mtime_ns for path in logged}
    made("add_coloured_noise", folder, out, 2, times=times)
    assert before == {path: (out / path).stat().st_mtime_ns for path in logged}
    made("add_coloured_noise", folder, tmp_path / "whole", times=times)
    assert digest(out) == digest(tmp_path / "whole")
    assert check(out).ok


def test_a_torn_line_is_done_again(folder: Path, tmp_path: Path) -> None:
    made("clip", folder, tmp_path / "a")
    made("clip", folder, tmp_path / "b")
    log = next((tmp_path / "b" / "simulated").rglob("0*.jsonl"))
    text = log.read_text()
    log.with_suffix(".part").write_text(text[: len(text) // 2])
    log.unlink()
    next(p for p in (tmp_path / "b").rglob("*made.flac")).unlink()
    made("clip", folder, tmp_path / "b")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_what_was_skipped_is_counted_and_named(folder: Path, tmp_path: Path) -> None:
    outcome = made("clip", folder, tmp_path, times=2)
    assert outcome.skipped == 2
    assert outcome.reasons[0][0] == "rain/broken.wav"
    assert "not readable audio" in outcome.reasons[0][1]
    assert len(outcome.skipped_list.read_text().splitlines()) == 2


def test_a_bad_partner_is_passed_over(folder: Path, tmp_path: Path) -> None:
    files = sounds([folder / "dog bark"])
    rain = sounds([folder / "rain"])
    outcome = run(SimulationRun.plan(PRESETS["add_noise"], files, rain, tmp_path, times=10))
    assert outcome.skipped == 0
    only = sounds([folder / "rain" / "broken.wav"])
    outcome = run(SimulationRun.plan(PRESETS["add_noise"], files, only, tmp_path, name="91_Bad"))
    assert outcome.skipped == len(files)
    assert "found 0 of 1 usable sounds" in outcome.reasons[0][1]
    assert "broken.wav: not readable audio" in outcome.reasons[0][1]


def test_a_silent_partner_is_passed_over(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "sounds"
    for label in ("dog bark", "silence"):
        (home / label).mkdir(parents=True)
    for number in range(2):
        shutil.copy(folder / "dog bark" / f"clip {3 * number}.flac", home / "dog bark")
        silent = np.zeros(20000, np.float32)
        soundfile.write(home / "silence" / f"silent {number}.wav", silent, RATE)
    shutil.copy(folder / "rain" / "clip 1.flac", home / "silence" / "rain 1.flac")
    files = sounds([home / "dog bark"])
    partners = sounds([home / "silence"])
    outcome = run(SimulationRun.plan(PRESETS["mix"], files, partners, tmp_path / "out", times=5))
    assert outcome.skipped == 0


def test_a_full_disk_stops_the_run_and_it_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, clips = Path.replace, itertools.count()

    def full(self: Path, target: Path) -> Path:
        """The third clip finds no room."""
        if target.suffix == ".flac" and next(clips) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(FileWriteError, match=r"\.flac: cannot be written \(No space left"):
            made("clip", folder, tmp_path / "a")
    assert len(sounds([tmp_path / "a"])) == 2
    made("clip", folder, tmp_path / "a")
    made("clip", folder, tmp_path / "b")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_run_is_not_mixed_with_another(folder: Path, tmp_path: Path) -> None:
    made("clip", folder, tmp_path)
    with pytest.raises(SettingsError, match=r"with other seed is there; give another name"):
        made("clip", folder, tmp_path, seed=1)
    made("clip", folder, tmp_path, seed=1, name="91_Clip")
    made("gain", folder, tmp_path)
    assert check(tmp_path).ok


def test_results_inside_the_input_are_not_taken_for_input(folder: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", SPEECH[:16000], RATE)
    first = sounds([tmp_path], without=tmp_path / "out")
    run(SimulationRun.plan(PRESETS["clip"], first, (), tmp_path / "out"))
    assert sounds([tmp_path], without=tmp_path / "out") == first


def test_labels_come_from_a_list_a_folder_or_the_name(folder: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "door_slam-03.wav", SPEECH[:8000], RATE)
    assert [sound.label for sound in sounds([tmp_path])] == ["door slam"]
    assert {sound.label for sound in sounds([folder])} == {"dog bark", "rain", "car horn"}
    (tmp_path / "labels.tsv").write_text("door_slam-03.wav\ta door, slammed\n\n")
    labels = read_labels(tmp_path / "labels.tsv")
    assert [sound.label for sound in sounds([tmp_path], labels=labels)] == ["a door slammed"]
    (tmp_path / "labels.tsv").write_text("door_slam-03.wav\tdoor\nno label here\n")
    with pytest.raises(SettingsError, match=r"labels.tsv:2: expected a file's name, a tab"):
        read_labels(tmp_path / "labels.tsv")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[clip\n", 1, "not valid TOML"),
        ("seed = 3\n", 1, "'seed' stands outside of a table"),
        ("\n[clap]\nlevel = 1\n", 2, "no simulation named 'clap'; did you mean clip"),
        ("[mine]\nkind = 'clop'\n", 2, "no simulation named 'clop'"),
        ("[clip]\npartners = [1, 1]\n", 2, "at most 0"),
        ("[clip]\ntasks = ['denoising',\n 'text_to_speech']\n", 2, "no records of 'text_to_"),
        ("[clip.params]\nlevel = 1.5\n", 2, "level=1.5: Input should be less than 1"),
        ("[clip]\nparams.level = { from = 0.9, to = 0.1 }\n", 2, "from 0.9 is above to 0.1"),
        ("[clip.params]\n# so\nlevel = { from = 0.1 }\n", 3, "give either from and to"),
        ("[clip.params]\nlevel = { from = 0.1, to = 1.2 }\n", 2, "level=1.2: Input should be"),
        ("[clip.params]\nlevels = 0.5\n", 2, "no parameter 'levels'; did you mean level"),
        ("[clip.params]\nlevel = { fit = true }\n", 2, "fit is for start_s of cut_gap"),
        ("[clip]\nleast = 3\n", 2, "least: Extra inputs are not permitted"),
        ("[defaults]\nsample_rate = 10\n", 2, "greater than or equal to 1000"),
        ("[mine]\nkind = 'clip'\ntasks = ['declipping']\n", 1, "'level' of clip is missing"),
        ("[channel.params]\npreset = { choice = ['radio', 'gramophone'] }\n", 2, "'gramophone'"),
        ("[take.params]\npart = 'second'\n", 2, "the part is always 'first'"),
    ],
)
def test_a_wrong_preset_names_file_and_line(
    text: str, line: int, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(SimulationError) as caught:
        presets(file)
    assert f"mine.toml:{line}: " in str(caught.value)
    assert words in str(caught.value)


def test_own_presets_lie_over_these(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        "[defaults]\nsample_rate = 8000\n[clip.params]\nlevel = 0.25\n"
        "[quiet]\nkind = 'gain'\ntasks = ['sound_event_recognition']\nparams.gain_db = -30.0\n"
    )
    known = presets(file)
    assert known["clip"].tasks == PRESETS["clip"].tasks
    assert len(known) == len(PRESETS) + 1
    run(SimulationRun.plan(known["clip"], sounds([folder]), (), tmp_path / "out"))
    labels = {r["other"]["label"]["level"] for r in records(tmp_path / "out", "declipping")}
    assert labels == {0.25}
    assert soundfile.info(next((tmp_path / "out").rglob("*.flac"))).samplerate == 8000


def test_what_a_run_needs_is_told(folder: Path, tmp_path: Path) -> None:
    files = sounds([folder])
    with pytest.raises(SettingsError, match="needs audio: give files or folders"):
        SimulationRun.plan(PRESETS["clip"], ())
    with pytest.raises(SettingsError, match="noise takes no files"):
        SimulationRun.plan(PRESETS["noise"], files)
    with pytest.raises(SettingsError, match="needs sounds of another kind beside the files"):
        SimulationRun.plan(PRESETS["add_noise"], files)
    with pytest.raises(SettingsError, match=r"one file in all; give a folder of them \(--with\)"):
        SimulationRun.plan(PRESETS["mix"], files[:1])
    with pytest.raises(SettingsError, match="name 'Mine': expected NN_Name"):
        SimulationRun.plan(PRESETS["clip"], files, name="Mine")
    with pytest.raises(SettingsError, match="split 'dev': expected train"):
        SimulationRun.plan(PRESETS["clip"], files, split="dev")
    with pytest.raises(SettingsError, match="no such file or folder"):
        sounds([tmp_path / "nothing"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="no audio below it"):
        sounds([tmp_path / "empty"])


def test_the_list_names_kinds_and_ranges(capsys: pytest.CaptureFixture[str]) -> None:
    list_presets(None)
    said = capsys.readouterr().out
    assert "snr_db -5..20 step 1" in said
    assert all(f"\n{name}\t{preset.kind}\t" in said for name, preset in PRESETS.items())
