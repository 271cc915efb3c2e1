"""The state of a stream: read, checked, compared and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from audioflan_tasks.engine.state_seal import sealed_state
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.state import VERSION, Sources, differing, packed, unpacked

__all__ = ["Checkpoint", "Revision", "refusal"]

# More steps than any stream has, and few enough that sums of them stay in 64 bits.
_MOST_STEPS = 2**61

_Step = Annotated[int, msgspec.Meta(ge=0, le=_MOST_STEPS)]
_Fingerprint = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class Revision(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another mixture from `step` on; the last one has the draws of each task before it."""

    step: _Step
    mixture: _Fingerprint
    cursors: str | None = None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a stream stands (`mixtures.plan.state` says what the texts hold).

    `prompts` is a digest of the words that its examples are made with (`engine.made_with`),
    `hold_out` what the mixture, and all before it, hold out (`HoldOut.description`).
    """

    version: int = VERSION
    step: _Step
    seed: int
    mixture: _Fingerprint
    sources: str
    counts: str
    revisions: tuple[Revision, ...]
    options: dict[str, Any]
    prompts: str
    hold_out: dict[str, Any] = {}

    @classmethod
    def read(cls, state: object) -> Checkpoint:
        """A state, checked for itself; what other forms of batches add is passed over.

        Raises:
          MixtureError: it is none, or a value of it cannot be; names the value.
        """
        if not isinstance(state, Mapping):
            raise MixtureError(f"not a state of a mixture: {type(state).__name__}, expected a dict")
        version = state.get("version")
        if version != VERSION or isinstance(version, bool):
            raise MixtureError(f"a state of version {version!r}; this package reads {VERSION}")
        try:
            checkpoint = msgspec.convert(dict(state), cls)
        except (msgspec.ValidationError, ValueError) as error:
            raise MixtureError(f"not a state of a mixture: {error}") from error
        checkpoint._check()
        return checkpoint

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        if not self.hold_out:
            plain.pop("hold_out")
        return sealed_state({**plain, "revisions": list(plain["revisions"])})

    @property
    def fingerprints(self) -> Mapping[bytes, bytes]:
        """Fingerprints of the records by hash of the task's name."""
        return Sources.read(self.sources).prints

    @property
    def draws(self) -> dict[bytes, int]:
        """Draws that each task has had, by hash of its name."""
        return dict(zip(self.fingerprints, unpacked(self.counts), strict=True))

    @property
    def cursors(self) -> dict[bytes, int]:
        """Draws of each task before the last revision; all 0 where there is none."""
        text = self.revisions[-1].cursors if self.revisions else None
        if text is None:
            return dict.fromkeys(self.fingerprints, 0)
        return dict(zip(self.fingerprints, unpacked(text), strict=True))

    @property
    def begin(self) -> int:
        """The step of the last revision; 0 where there is none."""
        return self.revisions[-1].step if self.revisions else 0

    def differences(self, seed: int, options: Mapping[str, Any]) -> list[str]:
        """Sentences on what is not as in this state."""
        return differing({"seed": self.seed, **self.options}, {"seed": seed, **options})

    def _check(self) -> None:
        sources = Sources.read(self.sources)
        if sources.text != self.sources:
            raise MixtureError("not a state of a mixture: its sources cannot be read")
        self._check_numbers("counts", self.counts, self.step)
        steps = [revision.step for revision in self.revisions]
        if steps != sorted(steps) or (steps and steps[-1] > self.step):
            raise MixtureError(
                f"not a state of a mixture: revisions at steps {steps}, expected rising steps "
                f"of at most {self.step}"
            )
        if any(revision.cursors is not None for revision in self.revisions[:-1]) or (
            self.revisions and self.revisions[-1].cursors is None
        ):
            raise MixtureError("not a state of a mixture: only the last revision has cursors")
        if self.revisions:
            self._check_numbers("cursors", self.revisions[-1].cursors or "", steps[-1])

    def _check_numbers(self, name: str, text: str, total: int) -> None:
        """Every step is one draw of one task, so draws add up to the step."""
        numbers = unpacked(text)
        count = len(self.fingerprints)
        if packed(numbers) != text or len(numbers) != count or sum(numbers) != total:
            raise MixtureError(
                f"not a state of a mixture: its {name} are not numbers of {count} tasks "
                f"that add up to {total}"
            )


def refusal(checkpoint: Checkpoint, reasons: Iterable[str], mixture: str) -> str:
    """Why a state is refused by a stream of a mixture, and what can be done."""
    all_reasons = list(reasons)
    if checkpoint.mixture != mixture and not any(r.startswith("tasks") for r in all_reasons):
        all_reasons.append(
            f"the mixture's weights, groups or tags changed ({checkpoint.mixture} to {mixture})"
        )
    if "tokenizer_fingerprint" in " ".join(all_reasons):
        return (
            f"the state belongs to another stream: {'; '.join(all_reasons)}. Its ids mean other "
            "sounds: load the same weights (tokenizer_weights), or start a new stream"
        )
    advice = (
        "records cannot change under a stream: start a new one"
        if any(reason.startswith("records") for reason in all_reasons)
        else "to go on with another mixture from this step, load with revise=True"
    )
    return f"the state belongs to another stream: {'; '.join(all_reasons)}. {advice}"
