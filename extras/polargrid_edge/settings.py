"""What a person can set of a local edge."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

LOCAL_KEY: Final = "pg_local"
"""The key of an edge that only its own machine can reach: it keeps mistakes out, not people."""


def _spare_cores() -> int:
    # With every core taken by two busy backends, both crawl: one is left to the rest of the machine.
    return max(1, (os.cpu_count() or 2) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    """The settings of an edge. Raises `ValueError` where they do not fit together.

    `port` 0 takes any that is free. `waiting` is how many requests may wait for each kind of backend before
    more are told to come back (429). `max_output_tokens` shortens longer texts; speech of more than
    `max_speech_characters`, bodies of more than `max_body_bytes` and recordings of more than `upload_seconds`
    are refused. `stall_seconds` is how long a client may take nothing of its answer, or send nothing more of a
    request it began, before it is left.
    """

    host: str = "127.0.0.1"
    port: int = 55111
    keys: frozenset[str] = field(default=frozenset({LOCAL_KEY}), repr=False)
    chat_model: str = "qwen2.5-coder-0.5b"
    node: str = "local"
    cache: Path | None = None
    waiting: int = 16
    max_body_bytes: int = 25 * 1024 * 1024
    max_output_tokens: int | None = None
    max_speech_characters: int | None = None
    upload_seconds: float = 3600.0
    stall_seconds: float = 60.0
    threads: int = field(default_factory=_spare_cores)

    def __post_init__(self) -> None:
        if not self.keys or not all(key.strip() for key in self.keys):
            raise ValueError("keys: an edge needs at least one API key, and none may be blank")
        if not is_loopback(self.host) and LOCAL_KEY in self.keys:
            raise ValueError(
                f"keys: on {self.host} others can reach this edge, and {LOCAL_KEY!r} is known to all: "
                "set keys of your own (POLARGRID_EDGE_KEYS)"
            )
        for name in ("waiting", "port"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: it must not be negative")
        more_than_none = ("max_body_bytes", "max_output_tokens", "max_speech_characters", "upload_seconds")
        for name in (*more_than_none, "stall_seconds", "threads"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name}: it must be more than 0")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **changes: Any) -> Self:
        """Settings with the keys of POLARGRID_EDGE_KEYS (commas between them), where it is set; then `changes`."""
        keys = frozenset(key.strip() for key in environ.get("POLARGRID_EDGE_KEYS", "").split(",") if key.strip())
        given: dict[str, Any] = {"keys": keys} if keys else {}
        return cls(**{**given, **changes})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
