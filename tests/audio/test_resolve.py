"""From an id to its file: lists, stems, paths; never outside the corpus."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from audioflan_tasks.audio.load import load
from audioflan_tasks.audio.resolve import AudioIndex, AudioLocation, simulated_ids
from audioflan_tasks.errors import MissingAudioError, UnsafePathError
from audioflan_tasks.records.instance import Instance, path_id
from audioflan_tasks.records.repairs import Ledger, ProblemKind
from audioflan_tasks.records.spans import span

SPEECH = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
LIST = Path(__file__).parents[1] / "records" / "fixtures" / "scp" / "13_LibriTTS-R.scp"
FOLDER = "13_LibriTTS-R"


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SPEECH, path)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "corpus"
    home = top / "audio_files" / "speech" / FOLDER
    put(home / "a.wav")
    put(home / "with space" / "b c.wav")
    put(tmp_path / "secret.wav")
    (top / "scp_files" / "speech").mkdir(parents=True)
    shutil.copy(LIST, top / "scp_files" / "speech")
    return top


@pytest.mark.parametrize(
    "name",
    ["root", "below", "domain", "folder", "dot", "absolute", "absolute_folder", "windows", "twice"],
)
def test_every_form_of_the_list_finds_the_file(root: Path, name: str) -> None:
    found = AudioIndex(root).locate(f"{FOLDER}_{name}")
    assert found == AudioLocation(root / "audio_files" / "speech" / FOLDER / "a.wav")
    assert len(load(found.path, 16000, found.start, found.end)) == 113600


def test_blanks_in_a_path(root: Path) -> None:
    index = AudioIndex(root)
    for name in ("tab", "blank"):
        assert index.locate(f"{FOLDER}_{name}").path.name == "b c.wav"


@pytest.mark.parametrize(
    "name",
    ["climbs", "climbs_below", "absolute_elsewhere", "pipe", "pipe_left", "archive"],
)
def test_unsafe_forms_are_refused_and_nothing_runs(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(UnsafePathError, match=name):
        AudioIndex(root).locate(f"{FOLDER}_{name}")
    assert not list(root.rglob("RAN"))


def test_what_the_list_lacks_is_found_by_file_name(root: Path) -> None:
    home = root / "audio_files" / "speech" / FOLDER
    put(home / "deep" / "er" / "260_123.flac")
    put(home / "13_LibriTTS-R_whole.wav")
    put(home / "gone.ogg")
    index = AudioIndex(root)
    assert index.locate(f"{FOLDER}_260_123").path == home / "deep" / "er" / "260_123.flac"
    assert index.locate(f"{FOLDER}_deep_er_260_123").path.name == "260_123.flac"
    assert index.locate(f"{FOLDER}_whole").path.name == "13_LibriTTS-R_whole.wav"
    # The list names a file that is not there, but one of that name lies in the folder.
    assert index.locate(f"{FOLDER}_gone").path == home / "gone.ogg"


def test_several_files_of_one_name_are_not_guessed(root: Path) -> None:
    home = root / "audio_files" / "speech" / FOLDER
    put(home / "one" / "x.wav")
    put(home / "two" / "x.wav")
    index = AudioIndex(root)
    with pytest.raises(MissingAudioError, match="several files of that name"):
        index.locate(f"{FOLDER}_x")
    assert index.locate(f"{FOLDER}_two_x").path == home / "two" / "x.wav"


def test_the_dataset_of_an_id_is_the_longest_name(root: Path) -> None:
    for name in ("179_Audioset", "179_Audioset_for_Audio_Inpainting"):
        put(root / "audio_files" / "audio" / name / "x.wav")
    index = AudioIndex(root)
    assert index.dataset_of("179_Audioset_for_Audio_Inpainting_x") == (
        "179_Audioset_for_Audio_Inpainting"
    )
    assert index.dataset_of("179_Audioset_for_x") == "179_Audioset"
    assert index.dataset_of("179_AudiosetX_x") == ""
    assert index.dataset_of("13_LibriTTS-R_260_1_2") == FOLDER
    found = index.locate("179_Audioset_for_Audio_Inpainting_x").path
    assert found.parent.name == "179_Audioset_for_Audio_Inpainting"


def test_missing_audio_says_where_it_was_looked_for(root: Path) -> None:
    with pytest.raises(MissingAudioError, match=f"{FOLDER}_nope.*the folder of {FOLDER}"):
        AudioIndex(root).locate(f"{FOLDER}_nope")
    with pytest.raises(MissingAudioError, match="lists and file names under"):
        AudioIndex(root).locate("nope")


@pytest.mark.parametrize("audio_id", ["../secret", "a/b", "..", "a\\b", "x\0y"])
def test_ids_that_are_paths_are_refused(root: Path, audio_id: str) -> None:
    with pytest.raises(UnsafePathError):
        AudioIndex(root).locate(audio_id)


def test_links_that_leave_the_corpus_are_refused(root: Path, tmp_path: Path) -> None:
    home = root / "audio_files" / "speech" / FOLDER
    (home / "link.wav").symlink_to(tmp_path / "secret.wav")
    (home / "inner.wav").symlink_to(home / "a.wav")
    index = AudioIndex(root)
    with pytest.raises(UnsafePathError, match="a link that leaves the corpus"):
        index.locate(f"{FOLDER}_link")
    assert index.locate(f"{FOLDER}_inner").path == home / "inner.wav"


def test_a_linked_folder_is_not_followed_out(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "y.wav")
    (root / "audio_files" / "speech" / "14_Y").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePathError, match="leaves the corpus"):
        AudioIndex(root).locate("14_Y_y")


def test_links_into_the_blobs_of_a_hub_cache(tmp_path: Path) -> None:
    blob = put(tmp_path / "repo" / "blobs" / "3f2a")
    home = tmp_path / "repo" / "snapshots" / "abc" / "audio_files" / "speech" / "13_X"
    home.mkdir(parents=True)
    (home / "a.wav").symlink_to(blob)
    root = tmp_path / "repo" / "snapshots" / "abc"
    assert AudioIndex(root).locate("13_X_a").path == home / "a.wav"


def _cmi(path: str, start: float | None = 0.0, end: float | None = 3.0) -> Instance:
    return Instance(
        instruction="What is it?",
        input=span(path_id(path, start, end)),
        output="rock",
        audio_path=(path,),
        audio_start=start,
        audio_end=end,
    )


def test_audio_path_with_a_segment(tmp_path: Path) -> None:
    put(tmp_path / "data" / "GTZAN" / "rock.00090.wav")
    instance = _cmi("data/GTZAN/rock.00090.wav", 1.0, 2.5)
    (audio_id,) = instance.audio_ids
    index = AudioIndex(tmp_path)
    found = index.locate(audio_id, instance)
    assert found == AudioLocation(tmp_path / "data" / "GTZAN" / "rock.00090.wav", 1.0, 2.5)
    assert len(load(found.path, 16000, found.start, found.end)) == 24000
    with pytest.raises(MissingAudioError):
        index.locate(audio_id)


def test_audio_path_in_another_folder_or_absolute(tmp_path: Path) -> None:
    file = put(tmp_path / "audio" / "x" / "a.wav")
    (tmp_path / "records").mkdir()
    instance = _cmi("x/a.wav")
    index = AudioIndex(tmp_path / "records", also=[tmp_path / "audio"])
    assert index.locate(instance.audio_ids[0], instance).path == file
    whole = _cmi(str(file))
    assert index.locate(whole.audio_ids[0], whole).path == file
    assert AudioIndex(tmp_path / "audio").locate(whole.audio_ids[0], whole).path == file


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/secret.wav", "x/../../secret.wav"])
def test_audio_path_never_leaves_the_root(root: Path, path: str) -> None:
    instance = _cmi(path)
    with pytest.raises(UnsafePathError, match=r"audio_path.*leaves the corpus"):
        AudioIndex(root).locate(instance.audio_ids[0], instance)


def test_audio_path_that_is_not_there(root: Path) -> None:
    instance = _cmi("data/none.wav")
    with pytest.raises(MissingAudioError, match=r"its audio_path 'data/none\.wav' is no file"):
        AudioIndex(root).locate(instance.audio_ids[0], instance)


def test_audio_path_of_another_machine_is_re_rooted(root: Path) -> None:
    instance = _cmi(f"/mnt/authors/audio_files/speech/{FOLDER}/a.wav")
    found = AudioIndex(root).locate(instance.audio_ids[0], instance)
    assert found.path == root / "audio_files" / "speech" / FOLDER / "a.wav"


def test_a_list_beside_the_records(tmp_path: Path) -> None:
    put(tmp_path / "wavs" / "q.wav")
    (tmp_path / "wav.scp").write_text("q1 wavs/q.wav\n")
    index = AudioIndex(tmp_path)
    assert index.locate("q1").path == tmp_path / "wavs" / "q.wav"
    # Without a list, any file below a plain folder is found by its name.
    assert index.locate("q").path == tmp_path / "wavs" / "q.wav"


def test_a_root_that_is_one_file(tmp_path: Path) -> None:
    put(tmp_path / "q.wav")
    (tmp_path / "x.jsonl").touch()
    assert AudioIndex(tmp_path / "x.jsonl").locate("q").path == tmp_path / "q.wav"


def test_lists_are_read_when_needed_and_faults_are_booked(root: Path) -> None:
    ledger = Ledger()
    index = AudioIndex(root, ledger=ledger)
    assert not ledger.problems
    index.check_lists()
    assert ledger.problems[ProblemKind.UNSAFE_PATH] == 7
    example = ledger.problem_examples[ProblemKind.UNSAFE_PATH][0]
    assert example.where.startswith("scp_files/speech/13_LibriTTS-R.scp:")


def test_ids_of_simulated_audio(tmp_path: Path) -> None:
    assert simulated_ids(tmp_path) == frozenset()
    (tmp_path / "simulated").mkdir()
    rows = [json.dumps({"id": "03_X_sim_1", "kind": "clip"}), "", "broken", "[]"]
    (tmp_path / "simulated" / "speech.jsonl").write_text("\n".join(rows))
    assert simulated_ids(tmp_path) == {"03_X_sim_1"}
