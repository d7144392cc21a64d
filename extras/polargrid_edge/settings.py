"""The settings of a local edge."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from polargrid_edge.origins import is_loopback, parse_origin

LOCAL_KEY: Final = "pg_local"
"""The default key of an edge on a loopback address: it prevents mistakes, not access."""


def _spare_cores() -> int:
    # When two busy backends use all cores, both become very slow: leave one to the rest of the machine.
    return max(1, (os.cpu_count() or 2) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    """The settings of an edge. Raises `ValueError` for an invalid value or combination.

    `port` 0 selects a free port. `waiting` is the number of requests that may wait for each kind of backend;
    further requests get 429. `max_output_tokens` truncates longer texts; speech of more than
    `max_speech_characters`, bodies of more than `max_body_bytes`, JSON bodies of more than `max_json_bytes` and
    recordings of more than `upload_seconds` are rejected. `stall_seconds` is the timeout for a client that stops
    reading its response or sending its request. Web pages of `allow_origins` may use the edge. The usage of the keys is
    kept in the folder `data`, or without one in memory.
    """

    host: str = "127.0.0.1"
    port: int = 55111
    keys: frozenset[str] = field(default=frozenset({LOCAL_KEY}), repr=False)
    allow_origins: frozenset[str] = frozenset()
    chat_model: str = "qwen2.5-coder-0.5b"
    node: str = "local"
    cache: Path | None = None
    data: Path | None = None
    waiting: int = 16
    max_body_bytes: int = 25 * 1024 * 1024
    max_json_bytes: int = 4 * 1024 * 1024
    max_output_tokens: int | None = None
    max_speech_characters: int | None = None
    upload_seconds: float = 3600.0
    stall_seconds: float = 60.0
    threads: int = field(default_factory=_spare_cores)

    def __post_init__(self) -> None:
        if not self.keys or not all(key.strip() for key in self.keys):
            raise ValueError("keys: expected at least one API key and no blank key")
        if not is_loopback(self.host) and LOCAL_KEY in self.keys:
            raise ValueError(
                f"keys: {LOCAL_KEY!r} is public, and other machines can reach an edge on {self.host}; "
                "set your own keys with POLARGRID_EDGE_KEYS"
            )
        for origin in self.allow_origins:
            if parse_origin(origin) is None:
                raise ValueError(
                    f"allow_origins: {origin!r} is not an origin; expected a scheme and a host, and a port "
                    "unless it is the default: https://app.example.com"
                )
        for name in ("waiting", "port"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: {getattr(self, name)} is negative; expected 0 or more")
        above_zero = ("max_body_bytes", "max_json_bytes", "max_output_tokens", "max_speech_characters")
        for name in (*above_zero, "upload_seconds", "stall_seconds", "threads"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name}: {value} is out of range; expected more than 0")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **changes: Any) -> Self:
        """Build settings from POLARGRID_EDGE_KEYS, where it is set (keys separated by commas), and `changes`."""
        keys = frozenset(key.strip() for key in environ.get("POLARGRID_EDGE_KEYS", "").split(",") if key.strip())
        options: dict[str, Any] = {"keys": keys} if keys else {}
        return cls(**{**options, **changes})
