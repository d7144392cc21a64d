"""A TOML file of API keys: their names, hashes and limits. Pure but for `read` and `edit`.

[keys.alice]
hash = "sha256:…"
created = 2026-12-01T09:00:00Z
requests_per_minute = 60
tokens_per_minute = 20000
"""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from polargrid_edge.keys.key import HASH_PATTERN, NAME_PATTERN

_LIMITS: Final = ("requests_per_minute", "tokens_per_minute")
_FIELDS: Final = ("hash", "created", *_LIMITS)
MAX_LIMIT: Final = 10**12
_HEADER: Final = "# API keys of a PolarGrid edge, by name, as hashes; `polargrid keys` adds and revokes them.\n"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key of a file. `created` is a time in the file's own notation."""

    hash: str
    created: datetime | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class KeyFileError(ValueError):
    """The file cannot be used; the message has its path, and what is wrong."""


def read(path: Path) -> dict[str, KeyEntry]:
    """Read the keys by name. Raises `KeyFileError`, or `OSError` for a file that cannot be read."""
    return parse(_read_content(path), str(path))


def _read_content(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise KeyFileError(f"{path}: not a file")
    return path.read_bytes()


def parse(content: bytes, path: str) -> dict[str, KeyEntry]:
    """Parse the keys by name; `path` is for messages. Raises `KeyFileError`."""
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # of TOML and of UTF-8
        raise KeyFileError(f"{path}: not a TOML file: {error}") from None
    unknown = data.keys() - {"keys"}
    if unknown or not isinstance(data.get("keys", {}), dict):
        name = min(unknown, default="keys")
        raise KeyFileError(f"{path}: {name}: expected a table for each key, such as [keys.alice]")
    entries = {name: _parse_entry(name, table, path) for name, table in data.get("keys", {}).items()}
    _check_unique(entries, path)
    return entries


def _parse_entry(name: str, table: object, path: str) -> KeyEntry:
    where = f"{path}: keys.{name}"
    if not NAME_PATTERN.fullmatch(name):
        raise KeyFileError(f"{where}: expected a name of 1 to 64 letters, digits and . _ @ -")
    if not isinstance(table, dict):
        raise KeyFileError(f"{where}: expected a table with the hash of a key")
    unknown = table.keys() - set(_FIELDS)
    if unknown:
        raise KeyFileError(f"{where}: unknown field {min(unknown)!r}; expected {', '.join(_FIELDS)}")
    if not isinstance(table.get("hash"), str) or not HASH_PATTERN.fullmatch(table["hash"]):
        raise KeyFileError(f"{where}.hash: expected sha256: and 64 hexadecimal digits; `polargrid keys add` writes it")
    if not isinstance(table.get("created"), datetime | None):
        raise KeyFileError(f"{where}.created: expected a time, such as 2026-12-01T09:00:00Z")
    for limit in _LIMITS:
        value = table.get(limit)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_LIMIT):
            expected = f"expected 1 to {MAX_LIMIT:,}, or no such line"
            raise KeyFileError(f"{where}.{limit}: {value!r:.40} is not a limit; {expected}")
    return KeyEntry(**table)


def _check_unique(entries: Mapping[str, KeyEntry], path: str) -> None:
    names: dict[str, str] = {}
    for name, entry in entries.items():
        if entry.hash in names:
            raise KeyFileError(f"{path}: {names[entry.hash]} and {name} have the same hash; revoke one of them")
        names[entry.hash] = name


def add_entry(text: str, name: str, entry: KeyEntry) -> str:
    """The text of a file with one more key at its end."""
    lines = [f"[keys.{_quote(name)}]", f'hash = "{entry.hash}"']
    if entry.created is not None:
        lines.append(f"created = {entry.created.isoformat(timespec='seconds').replace('+00:00', 'Z')}")
    lines += [f"{limit} = {value}" for limit in _LIMITS if (value := getattr(entry, limit)) is not None]
    before = text.rstrip("\n") + "\n\n" if text.strip() else _HEADER + "\n"
    return before + "\n".join(lines) + "\n"


def remove_entry(text: str, name: str) -> str:
    """The text of a file without the table of a key; comments elsewhere stay."""
    quoted = "|".join(map(re.escape, {name, json.dumps(name), f"'{name}'"}))
    header = re.compile(rf"\s*\[\s*keys\s*\.\s*(?:{quoted})\s*\]\s*(?:#.*)?")
    lines: list[str] = []
    is_inside = False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            is_inside = header.fullmatch(line.rstrip("\n")) is not None
        if not is_inside:
            lines.append(line)
    return "".join(lines)


def _quote(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def edit(path: Path, change: Callable[[str], str], expected: Callable[[dict[str, KeyEntry]], Any]) -> None:
    """Change the text of a file as a whole: a reader sees it before or after, and no other edit is lost.

    `expected` changes the parsed keys in the same way, and may raise; if the text says something else afterwards, the
    file is not touched. Raises `KeyFileError` or `OSError`.
    """
    target = _resolve(path)  # a link stays a link, and edits by any of its names wait for each other
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f".{target.name}.lock"), mode=0o600):
        before = _read_content(target) if target.exists() else b""
        entries = parse(before, str(path))
        expected(entries)
        after = change(before.decode("utf-8")).encode("utf-8")
        if parse(after, str(path)) != entries:
            raise KeyFileError(f"{path}: it is written in a way that this command cannot edit; edit it by hand")
        _replace(target, after)


def _resolve(path: Path) -> Path:
    target = Path(os.path.realpath(path))  # `Path.resolve` raises RuntimeError for a loop, but not in each Python
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return target


def _replace(target: Path, content: bytes) -> None:
    """Replace a file by a new one with its owner and mode; a new file is for its user only."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            _copy_owner(target, Path(name))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _copy_owner(source: Path, copy: Path) -> None:
    status = source.stat()
    copy.chmod(status.st_mode & 0o777)
    if os.name == "posix" and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(copy, status.st_uid, status.st_gid)
