"""Fields that are missing, null, unknown or of another type, and JSON that is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from polargrid_testing.faults.answers import change_json, is_event_stream, is_json, replace_headers
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer

_MISSING = object()
Path = list[str]


@fault("field", phase="response")
def change_field(
    answer: Answer, *, path: str, value: Any = None, missing: bool = False, event: int | None = None
) -> Answer | None:
    """A field of the JSON, or of each event of a stream or of one, is missing, null, or has another value.

    `path` is like "choices.0.message.content"; a field that is not there is added. `*` stands for each item of a list.
    """
    new = _MISSING if missing else value
    matches: list[bool] = []

    def change(data: Any, number: int) -> Any:
        if event is None or number == event:
            matches.append(True)
            return set_field(data, path.split("."), new)
        return data

    changed = change_json(answer, change)
    return changed if matches else None


def set_field(data: Any, path: Path, value: Any) -> Any:
    """Return the data with another value at the path; what the path does not fit is left as it is."""
    name, rest = path[0], path[1:]
    if isinstance(data, list):
        return list(_set_items(data, name, rest, value))
    if not isinstance(data, dict) or (rest and name not in data):
        return data
    if rest:
        return {**data, name: set_field(data[name], rest, value)}
    remaining = {key: item for key, item in data.items() if key != name or value is not _MISSING}
    return remaining if value is _MISSING else {**remaining, name: value}


def _set_items(items: list[Any], name: str, rest: Path, value: Any) -> Iterator[Any]:
    for index, item in enumerate(items):
        if name not in ("*", str(index)):
            yield item
        elif rest:
            yield set_field(item, rest, value)
        elif value is not _MISSING:
            yield value


@fault("json-invalid", phase="response")
def break_json(
    answer: Answer,
    *,
    problem: Literal[
        "truncated", "empty", "binary", "not-utf-8", "utf-16", "deep", "many-items", "surrogate"
    ] = "truncated",
    size: int = 100_000,
) -> Answer | None:
    """The JSON is truncated, empty, not UTF-8, nested deeply, or holds many invalid items or a lone surrogate.

    `size` is the depth, or the number of items. The first text of a response gets the surrogate.
    """
    if not is_json(answer):
        return None
    content = answer.content
    match problem:
        case "surrogate":
            changed = change_json(answer, lambda data, _: _replace_first_text(data))
            return changed and replace(changed, body=changed.content.replace(b"<surrogate>", b"\\ud800"))
        case "many-items":
            body = _fill_lists(json.loads(content), size)
        case _:
            body = {
                "truncated": content[: len(content) // 2],
                "empty": b"",
                "binary": b"\xff\xfe\xfa",
                "not-utf-8": content[:-1] + b', "a": "\xff"}',
                "utf-16": content.decode().encode("utf-16"),
                "deep": b'{"a": ' * size,
            }[problem]
    return replace(answer, body=body)


def _replace_first_text(data: Any) -> Any:
    name = next((name for name, value in data.items() if isinstance(value, str)), "text")
    return {**data, name: "<surrogate>"}


def _fill_lists(data: dict[str, Any], size: int) -> bytes:
    """Return the JSON with `size` numbers in its lists, or as its value."""
    filled = {name: "<items>" if isinstance(value, list) else value for name, value in data.items()}
    return json.dumps(filled).encode().replace(b'"<items>"', b"[" + b"1," * size + b"1]")


@fault("number-invalid", phase="response")
def break_number(
    answer: Answer, *, path: str, value: Literal["NaN", "Infinity", "-Infinity", "1e999"] = "NaN"
) -> Answer | None:
    """A number is NaN or infinite, which JSON does not have."""
    changed = change_field(answer, path=path, value="<number>")
    return changed and replace(changed, body=changed.content.replace(b'"<number>"', value.encode()))


@fault("job-status", phase="response")
def change_job(
    answer: Answer,
    *,
    state: Literal["processing", "failed", "cancelled"] = "failed",
    message: str = "A fault of the test.",
    retry_after: float | None = None,
) -> Answer | None:
    """A job is in this state: it fails, is cancelled, or does not end. `retry_after`: when it may be asked again."""
    if is_event_stream(answer) or not is_json(answer):
        return None
    job = json.loads(answer.content)
    if not isinstance(job, dict) or not {"job_id", "status"} <= job.keys():
        return None
    is_start = "poll_url" in job
    if is_start and retry_after is None:
        return None
    if not is_start:
        times = dict.fromkeys(("created_at", "updated_at"), "2026-01-31T10:00:00Z")
        job = {"job_id": job["job_id"], "type": "transcription", "status": state, **times}
        job |= {"error": message} if state == "failed" else {}
    changed = Answer.json(job, status=202)  # the state of a job without a transcript
    return changed if retry_after is None else replace_headers(changed, retry_after_ms=f"{retry_after * 1000:g}")
