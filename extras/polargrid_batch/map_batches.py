"""`Rows`: the requests of a batch of any data engine that maps batches, with the engine of a run in each process."""

from __future__ import annotations

import atexit
import os
import pickle
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

import attrs

from polargrid import PolarGrid
from polargrid.config import PUBLIC_OPTIONS
from polargrid_batch.batches import COLUMNS, build_like, read_columns, read_records, to_batch_line, to_columns
from polargrid_batch.errors import BatchInputError
from polargrid_batch.results import Result
from polargrid_batch.rows import AnyRow, InvalidRow, encode_record, read_record
from polargrid_batch.runs import RunOptions
from polargrid_batch.shared_engine import SharedEngine
from polargrid_batch.sources import RowFormat

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_engines: dict[bytes, SharedEngine] = {}
_lock = Lock()


class Rows:
    """Sends the rows of a batch, and returns the columns of their results, in the order of the rows.

    An instance is a function from batches to batches, and may be pickled; Ray makes it from the class, in each actor.
    The client is created where the first batch arrives, one for each process, with the key of that environment.
    Batches that arrive from several threads are in flight together.

    A batch is a dict of columns, or a table of pandas, Arrow or Polars, and the result is of that kind: `custom_id`,
    `ok`, `status_code`, `request_id`, `body` (JSON as text), `error_class`, `error_code`, `error_message`, `attempts`,
    `input_tokens`, `output_tokens`. None is null: a text is empty, and a status 0, where there is none.
    """

    columns: Mapping[str, type] = COLUMNS
    """The columns of a result, without those of `keep`, and their types: str, bool or int."""

    def __init__(
        self,
        operation: str | None = None,
        *,
        prompt: str | None = None,
        system: str | None = None,
        fields: Mapping[str, Any] | None = None,
        keep: Sequence[str] = (),
        client: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Without `operation`, the columns are those of a Batch line: custom_id, method, url, body, which may be text.
        With it, they are fields of the body, or fill the `prompt`; `fields`, like the model, are those of each body.

        `keep` names columns of the input that the result has, too; they are no fields. `client` has options of
        PolarGrid, without its key. The other options are those of RunOptions, and are limits of each process. Raises
        BatchInputError, ValueError.
        """
        self._format = RowFormat(operation, prompt, system, dict(fields or {}))
        self._keep, self._client, self._options = tuple(keep), dict(client or {}), dict(options)
        _check_client(self._client)
        if clash := [name for name in self._keep if name in COLUMNS]:
            raise ValueError(f"keep: {clash[0]!r} is a column of the result; rename the column of the input")
        RunOptions(**self._options)
        try:
            self._token = pickle.dumps((self._client, self._options))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ValueError(f"an option cannot be sent to another process: {error}") from error

    def __call__(self, batch: Any) -> Any:
        """Send the rows of a batch. Raises BatchStoppedError if no row can be sent any more: the key or the credit."""
        columns = read_columns(batch)
        own_columns = {name: _take_column(columns, name) for name in self._keep}
        if self._format.prompt is None:
            columns = {name: values for name, values in columns.items() if name not in own_columns}
        records = read_records(columns)
        results, error = self.engine().send(lambda first: self._build_rows(records, first))
        if error is not None:
            raise error
        named = [_without_number(result, record) for result, record in zip(results, records, strict=True)]
        return build_like(batch, own_columns | to_columns(named))

    def engine(self) -> SharedEngine:
        """Return the engine of this process; it is started by the first call, and after one that stopped."""
        with _lock:
            engine = _engines.get(self._token)
            if engine is None or not engine.is_usable:
                options = RunOptions(**self._options)
                engine = _engines[self._token] = SharedEngine(lambda: _connect(self._client, options), options)
            return engine

    def close(self) -> None:
        """End the engine of this process, and its connections; another call starts it again."""
        with _lock:
            engine = _engines.pop(self._token, None)
        if engine is not None:
            engine.close()

    def _build_rows(self, records: Sequence[dict[str, Any]], first: int) -> list[AnyRow]:
        convert = self._format.converter() or (lambda _number, record: to_batch_line(record))
        rows: list[AnyRow] = []
        for number, record in enumerate(records, first):
            line = encode_record(record)
            if "custom_id" in record:
                record["custom_id"] = str(record["custom_id"])
            try:
                rows.append(read_record(convert(number, record), number, crc32(line), Path(), len(line)))
            except BatchInputError as error:
                rows.append(InvalidRow(number, crc32(line), record.get("custom_id", ""), error.message))
        return rows


def _check_client(client: Mapping[str, Any]) -> None:
    """Raise ValueError for options that another process must not, or cannot, receive."""
    headers = [name for option in ("default_headers", "extra_headers") for name in client.get(option) or ()]
    for name in [*client, *headers]:
        if name in client and name in PUBLIC_OPTIONS and name != "http_client":
            continue
        if name in client or name.lower() in _SECRET_HEADERS:
            raise ValueError(
                f"client: {name!r} would be sent to each worker, and be in its logs; "
                "set POLARGRID_API_KEY in the environment of the workers instead"
            )


def _take_column(columns: Mapping[str, list[Any]], name: str) -> list[Any]:
    if name not in columns:
        raise BatchInputError(f"keep: unknown column {name!r}; expected one of: {', '.join(columns)}")
    return columns[name]


def _without_number(result: Result, record: Mapping[str, Any]) -> Result:
    """A row of a batch has no line."""
    if "custom_id" not in record:
        result = attrs.evolve(result, custom_id="")
    if result.failure is not None and result.failure.kind == "InvalidRow":
        message = result.failure.message.removeprefix(f"line {result.number}: ")
        result = attrs.evolve(result, failure=attrs.evolve(result.failure, message=message))
    return result


async def _connect(client: Mapping[str, Any], options: RunOptions) -> PolarGrid:
    defaults: dict[str, Any] = {"max_connections": options.max_in_flight}
    if find_spec("httptools") is not None:  # of the extra `fast`: a row costs a third
        defaults["transport"] = "fast"
    return await PolarGrid.create(**(defaults | dict(client)))


def _close_all() -> None:
    while _engines:
        _engines.popitem()[1].close()


def _forget_all() -> None:
    """A child has none of its parent's threads."""
    global _lock  # noqa: PLW0603 - another thread of the parent may hold it
    _lock = Lock()
    _engines.clear()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
