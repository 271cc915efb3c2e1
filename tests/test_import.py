"""What an import does, and in which order imports may come. Each case is its own process."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

import audioflan_tasks

ROOT = Path(__file__).parents[1]


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.mark.slow
def test_import_is_light() -> None:
    loaded = run(
        "import sys, audioflan_tasks; audioflan_tasks.tasks();"
        "import audioflan_tasks.metrics, audioflan_tasks.mixtures;"
        "heavy = ['tensorflow', 'seqio', 'scipy', 'sklearn', 'soundfile', 'mir_eval', 'jiwer'];"
        "print([m for m in heavy if m in sys.modules])"
    )
    assert loaded == "[]"


def _full(imports: str) -> ParameterSet:
    return pytest.param(imports, marks=pytest.mark.full)


@pytest.mark.slow
@pytest.mark.parametrize(
    "imports",
    [
        "import audioflan_tasks as af",
        _full("import seqio, audioflan_tasks as af"),
        _full("import audioflan_tasks as af, seqio.preprocessors, seqio"),
        _full("import audioflan_tasks.seqio_tasks.mixture, audioflan_tasks as af"),
    ],
)
def test_tasks_and_mixtures_are_registered_in_any_order(imports: str) -> None:
    output = run(
        f"{imports}\n"
        "mix = af.mixture('music').register('my_music')\n"
        "import seqio\n"
        "from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture\n"
        "print(type(mix) is AudioFlanMixture, mix is seqio.get_mixture_or_task('my_music'))\n"
        "ours = [n for n in seqio.TaskRegistry.names() if n.startswith('audioflan_')]\n"
        "print(len(ours), 'audioflan_all' in seqio.MixtureRegistry.names())\n"
        "for act in (lambda: af.mixture('music').register('audioflan_all'),\n"
        "            lambda: seqio.get_mixture_or_task('audioflan_allo')):\n"
        "    try: act()\n"
        "    except af.AudioFlanError as error: print(type(error).__name__, error)\n"
    ).splitlines()
    assert output[:2] == ["True True", "80 True"]
    assert output[2].startswith("SettingsError the name 'audioflan_all' is registered already")
    assert output[3].startswith("UnknownProviderError no task or mixture named 'audioflan_allo'")
    assert "did you mean audioflan_all" in output[3]


@pytest.mark.slow
def test_public_names_exist() -> None:
    names = audioflan_tasks.__all__
    assert all(getattr(audioflan_tasks, name) is not None for name in names)
    assert set(names) == set(dir(audioflan_tasks))


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    assert "AttributeError" in run(
        "import audioflan_tasks\n"
        "try: audioflan_tasks.nothing\n"
        "except AttributeError as e: print(type(e).__name__, e)"
    )


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["mixtures", "preprocessors", "metrics"])
def test_the_folders_cannot_be_imported_by_their_bare_names(folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {folder}"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert f"import audioflan_tasks.{folder}" in done.stderr


def test_no_public_name_is_hidden_by_a_module() -> None:
    """`import audioflan_tasks.x` binds the module x in the package: names must differ."""
    public_names = audioflan_tasks.__all__
    assert not [n for n in public_names if importlib.util.find_spec(f"audioflan_tasks.{n}")]
