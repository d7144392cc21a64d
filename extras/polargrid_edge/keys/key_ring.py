"""The keys that an edge accepts: those of its settings, and those of a file, which is read again when it changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from polargrid_edge.keys import key_file
from polargrid_edge.keys.key import Key, build_identity, hash_secret

_log = logging.getLogger("polargrid_edge")

LOCAL_NAME: Final = "local"

_Stamp = tuple[int, int, int]


class KeyRing:
    """Finds the key of a request. Use it from one thread.

    The keys are kept as hashes, and found by the hash of what a request brings: how long that takes says nothing
    about a key. A file that is missing or broken later leaves the keys as they are, and each new fault is logged.
    """

    def __init__(self, secrets: Iterable[str], path: Path | None = None, *, local_key: str = "") -> None:
        """Raises `ValueError` or `OSError` for a file that cannot be used. The key `local_key` has the name `local`."""
        hashes = {hash_secret(secret): secret for secret in secrets}
        names = {value: LOCAL_NAME for value, secret in hashes.items() if secret == local_key}
        others = sorted(hashes.keys() - names.keys())
        # Their order says nothing about them, and is the same after a restart.
        names |= {value: f"key-{number}" for number, value in enumerate(others, 1)}
        self._own = {value: Key(names[value], secret) for value, secret in hashes.items()}
        self._path = path
        self._named: dict[str, Key] = {}
        self._stamp: _Stamp | None = None
        self._fault = ""  # it is reported once
        if path is not None:
            try:
                self._stamp = _read_stamp(path)
                self._named = _to_keys(key_file.read(path))
            except FileNotFoundError:
                message = f"keys_file: {path} does not exist; `polargrid keys add NAME --file {path}` creates it"
                raise ValueError(message) from None

    def find(self, secret: str) -> Key | None:
        """The key, unless it is unknown or revoked."""
        self.refresh()
        value = hash_secret(secret)
        return self._named.get(value) or self._own.get(value)

    def refresh(self) -> None:
        """Read the file again if it changed: its status costs microseconds, so a revoked key ends at once."""
        if self._path is None:
            return
        stamp = None
        try:
            stamp = _read_stamp(self._path)
            if stamp == self._stamp:
                return
            named = _to_keys(key_file.read(self._path))
        except (ValueError, OSError) as error:
            # What cannot be read may be readable soon with the same stamp: its owner changes, a limit of files ends.
            self._stamp = None if isinstance(error, OSError) else stamp
            self._report(str(error))
            return
        level = logging.INFO if self.is_file_valid else logging.WARNING
        _log.log(level, "Keys: %s has %d keys", self._path, len(named))
        self._named, self._stamp, self._fault = named, stamp, ""

    @property
    def is_file_valid(self) -> bool:
        """Whether the file could be used at its last reading."""
        return not self._fault

    def _report(self, fault: str) -> None:
        if fault != self._fault:
            _log.error("Keys: %s cannot be used; the keys from before still count: %s", self._path, fault)
        self._fault = fault


def _read_stamp(path: Path) -> _Stamp:
    """What changes with a file: when it was written, its size, and which file it is."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _to_keys(entries: dict[str, key_file.KeyEntry]) -> dict[str, Key]:
    return {
        entry.hash: Key(name, build_identity(name), entry.requests_per_minute, entry.tokens_per_minute)
        for name, entry in entries.items()
    }
