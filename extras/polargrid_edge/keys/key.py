"""API keys: what an edge knows of one, and how a new one is made. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "pg_"
NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
HASH_PATTERN: Final = re.compile(r"sha256:([0-9a-f]{64})")
# 256 random bits: no search over them is possible, so a fast hash hides a key as well as a slow one.
_RANDOM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its name. `identity` is what its usage and its jobs belong to; the limits are per minute."""

    name: str
    identity: str
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


def create_secret() -> str:
    """A new random key."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def hash_secret(secret: str) -> str:
    """What is stored of a key: `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def build_identity(name: str) -> str:
    """The identity of a key of a file: its name, in a form that no key has, so that a renewed key keeps its usage."""
    return f"name\n{name}"
