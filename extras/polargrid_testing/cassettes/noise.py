"""What differs between two responses that say the same: ids, dates, times; pure."""

from __future__ import annotations

import json
import re
from typing import Any

from polargrid_runtime.sse import EventDecoder
from polargrid_testing.cassettes.recording import RecordedResponse

#: Ids that a server made: a UUID, or letters and digits behind a prefix or alone. The names of models are none.
_ID = re.compile(
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|(?<![^\s\"'(=:/])(?:[A-Za-z]{2,12}[-_]){0,3}(?=[A-Za-z]*[0-9])[A-Za-z0-9]{10,64}(?![^\s\"')=,.;:/?&])"
)
_DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\b"
)
_MEASURED = re.compile(r"(?:^|[_-])(?:ms|time|latency|elapsed|uptime|timings?)(?:[_-]|$)", re.IGNORECASE)
#: Headers that say how much of a limit is left, or when it ends: another number for each request.
_COUNTED = re.compile(r"x-ratelimit-(?:remaining|reset|used)(?:-.*)?|retry-after(?:-ms)?")
_EVENT_STREAM = "text/event-stream"
Renames = dict[str, str]


def find_renames(new: RecordedResponse, old: RecordedResponse) -> Renames | None:
    """Return which ids of a response are called what in an older one that says the same; None if it does not."""
    is_part = "disconnect" in (new.end, old.end)  # the time decides how much was received before the program left
    is_same = (new.status, new.headers.keys()) == (old.status, old.headers.keys()) and (
        is_part or (new.end == old.end and isinstance(new.body, bytes) == isinstance(old.body, bytes))
    )
    renames: Renames = {}
    if not is_same or not all(_compare_header(name, new, old, renames) for name in new.headers):
        return None
    if new.media_type == _EVENT_STREAM:
        return renames if _compare_events(new.content, old.content, renames, is_part=is_part) else None
    if is_part:
        size = min(len(new.content), len(old.content))
        return renames if new.content[:size] == old.content[:size] else None
    return renames if new.content == old.content or _compare_data(new.content, old.content, renames) else None


def _compare_header(name: str, new: RecordedResponse, old: RecordedResponse, renames: Renames) -> bool:
    values = new.headers[name], old.headers[name]
    if _MEASURED.search(name) or _COUNTED.fullmatch(name):
        return _mask_numbers(values[0]) == _mask_numbers(values[1])
    return _compare_text(*values, renames)


def _mask_numbers(text: str) -> str:
    return re.sub(r"\d+(?:\.\d+)?", "<number>", _DATE.sub("<date>", text))


def _compare_events(new: bytes, old: bytes, renames: Renames, *, is_part: bool) -> bool:
    new_decoder, old_decoder = EventDecoder(), EventDecoder()
    new_events, old_events = list(new_decoder.feed(new)), list(old_decoder.feed(old))
    if not is_part and (len(new_events), new_decoder.flush()) != (len(old_events), old_decoder.flush()):
        return False
    return all(
        first.name == second.name and _compare_data(first.data, second.data, renames)
        for first, second in zip(new_events, old_events, strict=not is_part)
    )


def _compare_data(new: bytes, old: bytes, renames: Renames) -> bool:
    """Whether two texts or JSON values say the same; binary data differs by any byte."""
    try:
        texts = new.decode(), old.decode()
    except UnicodeDecodeError:
        return new == old
    try:
        return _compare(json.loads(texts[0]), json.loads(texts[1]), renames)
    except (ValueError, RecursionError):
        return _compare_text(*texts, renames)


def _compare(new: Any, old: Any, renames: Renames, name: str = "") -> bool:
    if isinstance(new, dict) and isinstance(old, dict):
        names = [
            [key for key in item if key in other or not _is_measured(key)] for item, other in ((new, old), (old, new))
        ]
        return names[0] == names[1] and all(_compare(new[key], old[key], renames, key) for key in names[0])
    if isinstance(new, list) and isinstance(old, list):
        pairs = zip(new, old, strict=False)
        return len(new) == len(old) and all(_compare(first, second, renames, name) for first, second in pairs)
    if isinstance(new, str) and isinstance(old, str):
        return _compare_text(new, old, renames)
    if isinstance(new, int | float) and isinstance(old, int | float) and not {type(new), type(old)} & {bool}:
        return new == old or _is_measured(name) or (_is_time(new) and _is_time(old))
    return type(new) is type(old) and bool(new == old)


def _compare_text(new: str, old: str, renames: Renames) -> bool:
    if new == old:
        return True
    if _mask(new) != _mask(old):
        return False
    new_ids, old_ids = _ID.findall(_DATE.sub("", new)), _ID.findall(_DATE.sub("", old))
    renames.update((first, second) for first, second in zip(new_ids, old_ids, strict=True) if first != second)
    return True


def _mask(text: str) -> str:
    return _ID.sub("<id>", _DATE.sub("<date>", text))


def _is_measured(name: str) -> bool:
    """Whether a field is how long something took; a server may leave it out, as it loads a model once."""
    return _MEASURED.search(name) is not None


def _is_time(value: float) -> bool:
    """Whether a number may be a time since 1970, between 2001 and 2096, in seconds or milliseconds."""
    return 1e9 <= value < 4e9 or 1e12 <= value < 4e12
