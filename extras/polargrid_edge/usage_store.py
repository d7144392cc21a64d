"""The usage of API keys by day, model and region, in SQLite."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from platformdirs import user_data_path

Result = TypeVar("Result")

_log = logging.getLogger("polargrid_edge")

_VERSION: Final = 1
_BUSY_SECONDS: Final = 2.0  # another edge may use the same file
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS salt (value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS usage (
    key BLOB, day TEXT, model TEXT, region TEXT,
    requests INTEGER NOT NULL, tokens INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (key, day, model, region)
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_ADD: Final = """
INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens, seconds = seconds + excluded.seconds
"""
_READ: Final = """
SELECT model, region, SUM(requests), SUM(tokens), SUM(seconds) FROM usage
WHERE key = ? AND day BETWEEN ? AND ? GROUP BY model, region ORDER BY model, region
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """The requests for a model in a region; `seconds` is the sum of their durations."""

    model: str
    region: str
    requests: int
    tokens: int
    seconds: float

    def plus(self, other: Usage) -> Usage:
        """The sum of both, which are for one model in one region."""
        requests, tokens = self.requests + other.requests, self.tokens + other.tokens
        return Usage(self.model, self.region, requests, tokens, self.seconds + other.seconds)


def data_directory() -> Path:
    """The folder for what an edge keeps."""
    folder = os.environ.get("POLARGRID_DATA")
    return Path(folder).expanduser() if folder else user_data_path("polargrid")


class UsageStore:
    """Counters in a file, or in memory without a folder. One thread reads and writes them, in order.

    API keys are stored as hashes with a salt. A failure to record is logged and does not reach a request; what is not
    written is kept and added to the next attempt, so that a file that is locked for a while loses nothing, and the
    attempts do not pile up.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = None if folder is None else folder / "usage.sqlite3"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="edge-usage")
        self._connection: sqlite3.Connection | None = None
        self._salt = b""
        self._failed = False
        self._lock = threading.Lock()  # of what is recorded and not written
        self._unwritten: dict[tuple[str, str], dict[tuple[str, str], Usage]] = {}  # by key and day, model and region
        self._is_scheduled = False

    def record(self, key: str, day: date, usage: Usage) -> None:
        """Count requests, without waiting for it."""
        with self._lock:
            self._add(key, day.isoformat(), usage)
            is_scheduled, self._is_scheduled = self._is_scheduled, True
        if not is_scheduled:
            with suppress(RuntimeError):  # the store is closed
                self._thread.submit(self._write)

    async def read(self, key: str, first: date, last: date) -> list[Usage]:
        """The usage of a key on these days, by model and region. Raises `sqlite3.Error` or `OSError`."""

        def select(connection: sqlite3.Connection) -> list[Usage]:
            self._flush(connection)
            rows = connection.execute(_READ, (self._hash(key), first.isoformat(), last.isoformat()))
            return [Usage(*row) for row in rows]

        return await asyncio.wrap_future(self._thread.submit(self._use, select))

    def close(self) -> None:
        """Write what is recorded, and close the file."""
        self._thread.submit(self._write)
        self._thread.submit(self._disconnect)
        self._thread.shutdown()

    def _add(self, key: str, day: str, usage: Usage) -> None:
        counters = self._unwritten.setdefault((key, day), {})
        name = usage.model, usage.region
        counters[name] = counters[name].plus(usage) if name in counters else usage

    def _write(self) -> None:
        with self._lock:
            self._is_scheduled = False
            if not self._unwritten:
                return
        try:
            self._use(self._flush)
        except (sqlite3.Error, OSError) as error:
            if not self._failed:  # once, and not for each request
                _log.warning("Cannot record usage in %s: %s", self._path or "memory", error)
            self._failed = True
        else:
            self._failed = False

    def _flush(self, connection: sqlite3.Connection) -> None:
        """Write what is recorded, all of it or nothing."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, {}
        items = [(key, day, usage) for (key, day), counters in unwritten.items() for usage in counters.values()]
        if not items:
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            for key, day, usage in items:
                row = (self._hash(key), day, usage.model, usage.region, usage.requests, usage.tokens, usage.seconds)
                connection.execute(_ADD, row)
            connection.execute("COMMIT")
        except sqlite3.Error:
            with self._lock:
                for item in items:
                    self._add(*item)
            raise

    def _use(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return work(self._connection)
        except (sqlite3.Error, OSError):
            self._disconnect()  # the next use opens the file again
            raise

    def _connect(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        connection = sqlite3.connect(self._path or ":memory:", timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise sqlite3.DatabaseError(f"version {version} is newer than this edge; expected {_VERSION}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
            connection.execute(
                "INSERT INTO salt SELECT ? WHERE NOT EXISTS (SELECT 1 FROM salt)", (secrets.token_bytes(16),)
            )
            (self._salt,) = connection.execute("SELECT value FROM salt").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _hash(self, key: str) -> bytes:
        return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), key=self._salt, digest_size=16).digest()
