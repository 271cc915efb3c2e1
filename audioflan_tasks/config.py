"""Settings: environment variables with the prefix AUDIOFLAN_, or set in code.

They are read at the edge only: where a user makes a corpus, a stream, a dataset or an evaluation
without saying otherwise. What is made keeps the `ExampleOptions` of that moment.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from audioflan_tasks.errors import SettingsError, nearest
from audioflan_tasks.options import ExampleFields, ExampleOptions, problems
from audioflan_tasks.remote import FileCache, is_address, open_root

__all__ = [
    "Settings", "cache_folder", "local_root", "options_or_settings", "settings", "unpacked_cache",
]  # fmt: skip

_LOG = logging.getLogger("audioflan_tasks")

_PREFIX = "AUDIOFLAN_"


class Settings(ExampleFields, BaseSettings):
    """Where data lies and how examples are made, unless an argument says otherwise.

    `settings.data_dir = "/corpus"` in code does the same as AUDIOFLAN_DATA_DIR=/corpus,
    for everything that is made afterwards.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, validate_assignment=True, extra="forbid")

    data_dir: Path | None = Field(
        default=None, description="corpus root, also an address; unset: the demo corpus"
    )
    cache_dir: Path | None = Field(
        default=None,
        description="codes, files of servers, unpacked files; unset: the platform's own folder",
    )
    remote_cache_bytes: int | None = Field(
        default=None,
        ge=1,
        description="most bytes of files of servers in the cache, and as many of unpacked files; "
        "unset: as last set, else 64 GiB",
    )
    check_store: bool = Field(
        default=True, description="whether what is read of a store is checked by its checksums"
    )

    def __setattr__(self, name: str, value: object) -> None:
        """Sets a setting.

        Raises:
          SettingsError: no such setting, or a value that cannot be used.
        """
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            raise SettingsError(f"settings: {problems(error, self.names())}") from None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of all settings."""
        return tuple(cls.model_fields)

    def example_options(self) -> ExampleOptions:
        """The options of examples as they are set now."""
        return ExampleOptions(**{name: getattr(self, name) for name in ExampleFields.model_fields})


def options_or_settings(options: ExampleOptions | None) -> ExampleOptions:
    """The options given, or those of the settings as they are now.

    Raises:
      SettingsError: something else than options was given.
    """
    if options is None:
        return settings.example_options()
    if not isinstance(options, ExampleOptions):
        raise SettingsError(f"options={options!r}: expected audioflan_tasks.ExampleOptions or None")
    return options


def cache_folder() -> Path:
    """The folder of all caches: that of the settings, else the platform's own for this package."""
    import platformdirs

    return settings.cache_dir or Path(platformdirs.user_cache_dir("audioflan_tasks"))


def unpacked_cache() -> FileCache:
    """The unpacked copies of compressed files, bounded as the files of servers are."""
    cache = FileCache(cache_folder() / "unpacked")
    if settings.remote_cache_bytes is not None:
        cache.set_most_bytes(settings.remote_cache_bytes)
    return cache


def local_root(root: str | os.PathLike[str], cache_dir: Path | None = None) -> Path:
    """The path of a root; of an address (`s3://bucket/corpus`) its place in the cache.

    Args:
      cache_dir: the folder of the cache; None takes that of the settings.

    Raises:
      SettingsError: an address that cannot be used.
      RemoteError: the cache cannot be written.
    """
    if not is_address(root):
        return Path(root).expanduser()
    return open_root(root, cache_dir or cache_folder(), settings.remote_cache_bytes)


def _settings() -> Settings:
    _warn_of_unknown_variables()
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{_PREFIX}{str(e['loc'][0]).upper()}={str(e['input'])[:80]!r}: {e['msg']}"
            for e in error.errors()
        )
        raise SettingsError(f"unusable setting in the environment: {wrong}") from None


def _warn_of_unknown_variables() -> None:
    """A misspelt variable would otherwise do nothing, without a word."""
    names = {_PREFIX + name.upper() for name in Settings.names()}
    for variable in sorted(os.environ):
        name = variable.upper()
        if name.startswith(_PREFIX) and name not in names:
            _LOG.warning(
                "the environment variable %s is no setting%s", variable, nearest(name, names)
            )


settings = _settings()
