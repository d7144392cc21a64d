"""Strict JSON of whole responses: a body, or the data of each event of a stream; pure."""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.readers.json_text import find_json_error

_EVENT_STREAM = "text/event-stream"
_JSON_LINES = ("ndjson", "jsonl", "json-lines")


def iter_json_errors(exchange: Exchange, last_data: bytes | None) -> Iterator[str]:
    """Yield why the body of a response, or the data of each of its events, is not strict JSON.

    `last_data` is the data of an event that is not JSON, and ends a stream.
    """
    media_type = exchange.media_type
    if media_type.endswith(("/json", "+json")):
        may_be_empty = exchange.method == "HEAD" or exchange.status in (204, 304)
        if not may_be_empty and (error := find_json_error(exchange.body)):
            yield f"{error}: {exchange.text[:120]!r}"
    elif media_type == _EVENT_STREAM or media_type.endswith(_JSON_LINES):
        for event in Stream(exchange, last_data).events:
            if event.data.strip() != last_data and (error := find_json_error(event.data)):
                yield f"{error}, in the event {event.data.decode('utf-8', 'replace')[:120]!r}"
