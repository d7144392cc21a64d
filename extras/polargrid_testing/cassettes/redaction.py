"""Removes credentials from what a cassette writes, also where they are cut into the pieces of a stream; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from threading import Lock

from polargrid_testing.cassettes.credentials import (
    MIN_LENGTH,
    PLACEHOLDER,
    build_pattern,
    find_escaped,
    find_lookalikes,
    is_secret_header,
    is_secret_parameter,
)
from polargrid_testing.cassettes.edits import Edit, apply_edits
from polargrid_testing.cassettes.event_edits import find_string_edits

_PUBLIC = frozenset({"pg_local"})  # the key of every local edge
_SCHEME = re.compile(r"(?:bearer|basic|digest|token)\s+", re.IGNORECASE)


class Redactor:
    """Replaces credentials: those that were noted, in any notation, and what looks like one."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()  # clients note their keys in their threads

    def __repr__(self) -> str:
        return "Redactor()"

    def note(self, *secrets: str) -> None:
        """Replace these from now on; not what is too short to be a key."""
        with self._lock:
            all_secrets = (
                self._secrets | {item for item in secrets if len(item) >= MIN_LENGTH and item.isascii()} - _PUBLIC
            )
            if all_secrets != self._secrets:
                self._secrets, self._pattern = all_secrets, build_pattern(all_secrets)

    def note_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Replace the credentials in the headers of a request from now on."""
        for name, value in headers:
            if name.lower() in ("cookie", "set-cookie"):
                pairs = value.split(";")
                self.note(*(pair.partition("=")[2].strip().strip('"') for pair in pairs))
            elif is_secret_header(name):
                self.note(_SCHEME.sub("", value.strip(), count=1))

    def text(self, text: str) -> str:
        """Return text without credentials."""
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """Return bytes without credentials, also in one that is cut into the strings of a list of JSON."""
        return self.pieces([data])[0]

    def query(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the names and values of a query without credentials."""
        return [
            (self.text(name), PLACEHOLDER if is_secret_parameter(name) else self.text(value)) for name, value in pairs
        ]

    def pieces(self, pieces: Sequence[bytes]) -> list[bytes]:
        """Return the pieces of a body without credentials, wherever they are cut; a piece may be empty then."""
        parts = [item.decode("latin-1") for item in pieces]
        parts = apply_edits(parts, find_string_edits(b"".join(pieces), self.find))
        parts = apply_edits(parts, self.find("".join(parts)))
        return [part.encode("latin-1") for part in parts]

    def find(self, text: str) -> list[Edit]:
        """Return where the credentials of a text are, in order, and what replaces them."""
        spans = list(find_lookalikes(text))
        if self._pattern is not None:
            spans += [match.span() for match in self._pattern.finditer(text)]
            spans += find_escaped(text, self._pattern)
        edits: list[Edit] = []
        for start, end in sorted(spans):
            if edits and start < edits[-1].end:
                edits[-1] = Edit(edits[-1].start, max(end, edits[-1].end), PLACEHOLDER)
            elif text[start:end] != PLACEHOLDER:
                edits.append(Edit(start, end, PLACEHOLDER))
        return edits
