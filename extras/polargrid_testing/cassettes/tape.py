"""The interactions of a cassette while it is active: which are replayed, what is recorded, what did not match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from polargrid_testing.cassettes.matching import describe_mismatch, find_match
from polargrid_testing.cassettes.modes import RecordMode
from polargrid_testing.cassettes.recording import Interaction, RecordedRequest
from polargrid_testing.cassettes.stability import keep_old


@dataclass
class SharedRun:
    """What the tests of a run have recorded in one file, which is recorded again."""

    original: list[Interaction] | None = None
    """What the file had before."""
    recorded: dict[str, list[Interaction]] = field(default_factory=dict)
    """By test."""


class Tape:
    """Each interaction is replayed once, those of the same request in their order."""

    def __init__(
        self, name: str, mode: RecordMode, recorded: Sequence[Interaction] | None, *, reason: str = ""
    ) -> None:
        """Take what the file has; None if there is no file. `reason` says in messages who has chosen the mode."""
        self.name = name
        self.mode: RecordMode = mode
        self._reason, self._is_missing = reason or repr(mode), recorded is None
        self.is_recording = mode in ("new", "all") or (mode == "once" and recorded is None)
        self.interactions = list(recorded or ())
        self._remaining = [] if mode == "all" else list(self.interactions)
        self._loaded = list(self.interactions)
        self._run, self._test = SharedRun(), ""
        self._lock = Lock()
        self.mismatches: list[str] = []

    def take(self, request: RecordedRequest) -> Interaction | None:
        """Return the next interaction of a request, which is not replayed again; None if there is none."""
        with self._lock:
            number = find_match(request, self._remaining)
            return None if number is None else self._remaining.pop(number)

    def refuse(self, request: RecordedRequest) -> str:
        """Note a request that is neither replayed nor recorded; return why, and how it differs."""
        message = describe_mismatch(request, self.interactions, self.name, self._reason, is_missing=self._is_missing)
        with self._lock:
            self.mismatches.append(message)
        return message

    def fail(self, error: Exception) -> str:
        """Note that a request could not be compared; return why."""
        message = f"{self.name}: cannot compare a request: {type(error).__name__}: {error}"
        with self._lock:
            self.mismatches.append(message)
        return message

    @property
    def unused(self) -> list[Interaction]:
        """What was not replayed."""
        with self._lock:
            return list(self._remaining)

    def share(self, run: SharedRun, test: str) -> None:
        """Record beside what other tests of a run have recorded in the same file."""
        self._run, self._test = run, test
        if run.original is None:
            run.original = list(self._loaded)

    def merge(self, recorded: Sequence[Interaction], current: Sequence[Interaction] = ()) -> list[Interaction] | None:
        """Return what the file has to hold with what was recorded now; None if it does not change.

        `current` is what it holds now: with what others have added since it was read.
        """
        if not self.is_recording or (self.mode == "new" and not recorded):
            return None
        added = [item for item in current if item not in self._loaded]
        if self.mode == "new":
            self.interactions = [*self._loaded, *added, *recorded]
        else:
            self._run.recorded[self._test] = list(recorded)
            everything = [item for items in self._run.recorded.values() for item in items]
            self.interactions = [*keep_old(everything, self._run.original or self._loaded), *added]
        return self.interactions
