"""Responses that openapi.yaml itself does not have: their types, streams, pages and jobs, on both clients."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import ROOT

PRELUDE = """
import asyncio, inspect, json
import httpx
from polargrid import PolarGrid, PolarGridSync, errors
from polargrid.types import *

JSON, EVENTS, SETTING = "application/json", "text/event-stream", {"color": "red"}
responses, requests = [], []

def respond(request):
    requests.append(request)
    status, media_type, body, *headers = responses.pop(0)
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {"x-request-id": "req_1", **({"content-type": media_type} if media_type else {})}
    return httpx.Response(status, headers=names | dict(*headers), content=body)

transport = httpx.MockTransport(respond)
client = PolarGridSync(region="local", max_retries=0, http_client=httpx.Client(transport=transport))
async_client = PolarGrid(region="local", max_retries=0, http_client=httpx.AsyncClient(transport=transport))

async def collect(result):
    if inspect.isawaitable(result):
        return await result
    return [item async for item in result] if hasattr(result, "__aiter__") else result

def call(name, answers, *args, **options):
    outcomes = []
    for is_async in (False, True):
        target = async_client if is_async else client
        for part in name.split("."):
            target = getattr(target, part)
        responses[:] = answers
        try:
            result = target(*args, **options)
            if is_async:
                async def run(result=result):
                    return await collect(result)
                result = asyncio.run(run())
            outcomes.append(list(result) if hasattr(result, "__next__") else result)
        except errors.PolarGridError as error:
            outcomes.append(error)
        assert not responses, responses
    first, second = outcomes
    assert type(first) is type(second)
    assert str(first) == str(second) if isinstance(first, Exception) else first == second
    return first

def event(data, name=None):
    return (f"event: {name}\\n".encode() if name else b"") + b"data: " + json.dumps(data).encode() + b"\\n\\n"
"""
TYPES = """
from typing import assert_type

from polargrid import PolarGrid, PolarGridSync
from polargrid.types import Circle, EventDelta, EventDone, Item, Report, ReportState, Shape, Square, UnknownObject

client = PolarGridSync(region="local")
assert_type(client.get_report("a"), Report | ReportState | None)
assert_type(client.has_report("a"), None)
assert_type(client.get_default(), list[Report])
assert_type(client.get_file(), bytes)
assert_type(client.get_table(), str)
assert_type(client.get_shape(), Circle | Square | UnknownObject)
assert_type(client.get_shapes(), dict[str, Shape])
assert_type(client.create_report_and_poll({"color": "red"}), Report)
assert_type(client.reports.create_and_poll(color="red"), Report)
for item in client.items.iter():
    assert_type(item, Item)
for event in client.follow({"color": "red"}):
    assert_type(event, EventDelta | EventDone | UnknownObject)
    if isinstance(event, EventDelta):
        print(event.delta)
    print(event.type)
for text in client.follow_plain({"color": "red"}):
    assert_type(text, str)


async def use(client: PolarGrid) -> None:
    async for item in client.list_items_iter():
        assert_type(item, Item)
    assert_type(await client.reports.create_and_poll(color="red"), Report)
"""


@pytest.fixture(scope="module")
def package(generate_with) -> Path:
    paths, schemas = (Path(__file__).parent / "responses.yaml").read_text(encoding="utf-8").split("  schemas:\n")
    return generate_with(f"\n{paths}", f"\n{schemas}\n    # Shared\n")


def run(package: Path, script: str) -> None:
    """Run a script in a new interpreter that imports the package; its assertions are the test's."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + script],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr


def test_status_selects_the_type(package):
    """Of several 2xx responses, the one of the status that came; none for one without content, and for HEAD."""
    run(
        package,
        """
assert call("get_report", [(200, "application/json; charset=utf-8", {"id": "abc"})], "a") == Report(id="abc")
state = call("get_report", [(202, "application/vnd.polargrid+json", {"status": "running"})], "a")
assert (type(state), state.meta.request_id, state.meta.status_code) == (ReportState, "req_1", 202)
assert call("get_report", [(204, None, b"")], "a") is None
assert call("reports.retrieve", [(202, JSON, {"status": "new"})], "a").status == "new"
assert call("has_report", [(200, JSON, b"")], "a") is None
""",
    )


def test_status_that_is_not_documented(package):
    """A 2xx that the document does not have is read like the ones that it has; without content it is an error."""
    run(
        package,
        """
assert call("get_report", [(201, JSON, {"id": "abc"})], "a") == Report(id="abc")
assert "no Content-Type" in str(call("get_file", [(205, None, b"")]))
""",
    )


def test_ranges_and_default(package):
    """`2XX` is any success, and `default` without any 2xx; with one, it is an error."""
    run(
        package,
        """
assert call("get_range", [(207, JSON, {"id": "abc"})]) == Report(id="abc")
assert call("get_default", [(200, JSON, [{"id": "a"}])]) == [Report(id="a")]
error = call("get_report", [(418, JSON, {"error": {"message": "teapot", "code": "pot"}})], "a")
assert (type(error), error.message, error.code) == (errors.APIStatusError, "teapot", "pot")
""",
    )


def test_media_types(package):
    """Binary data is bytes, CSV and XML are text in the charset of the response, anything else is an error."""
    run(
        package,
        """
assert call("get_file", [(200, "application/zip", b"PK")]) == b"PK"
assert call("get_file", [(200, "image/jpeg", b"JF")]) == b"JF"
assert isinstance(call("get_file", [(200, JSON, {})]), errors.ServerError)
assert call("get_table", [(200, "text/csv; charset=iso-8859-1", "é".encode("latin-1"))]) == "é"
assert call("get_table", [(200, "application/xml", b"<a/>")]) == "<a/>"
assert isinstance(call("get_table", [(200, "text/csv", b"\\xff")]), errors.ServerError)
""",
    )


def test_unions_maps_and_arrays_have_no_root(package):
    """A named union is the object itself, with meta; a map and an array are a dict and a list."""
    run(
        package,
        """
shape = call("get_shape", [(200, JSON, {"kind": "square", "side": 2})])
assert (shape, shape.meta.request_id) == (Square(kind="square", side=2), "req_1")
unknown = call("get_shape", [(200, JSON, {"kind": "hexagon", "size": 2})])
assert (type(unknown), unknown.size, unknown.meta.request_id) == (UnknownObject, 2, "req_1")
shapes = call("get_shapes", [(200, JSON, {"a": {"kind": "circle", "radius": 1}, "b": {"kind": "new"}})])
assert (shapes["a"], shapes["b"].kind) == (Circle(kind="circle", radius=1), "new")
metas = []
call("get_shapes", [(200, JSON, {})], on_meta=metas.append)
assert [meta.request_id for meta in metas] == ["req_1", "req_1"]
""",
    )


def test_fields_are_kept_and_values_are_open(package):
    """Fields of `allOf` and ones named like keywords are kept; new values of any enum, and bounds, are no error."""
    run(
        package,
        """
setting = {"color": "blue", "size": 0, "mode": "z", "when": "2024-01-01T00:00:00", "shape": {"kind": "new"}}
odd = {
    "id": "1", "minimum": 1, "pattern": "y", "if": "i", "const": "zz", "enum": ["c"], "type": "t",
    "properties": {"a": "blue", "b": "red"}, "not": True, "anyOf": "q", "meta": "m", "level": 9, "named_level": 7,
    "number": 9.5, "when": "2024-01-01T00:00:00", "link": "/relative", "color": "blue", "colors": ["red", "x"],
    "shapes": [{"kind": "circle", "radius": 1.0}, {"kind": "new", "z": 1}], "shape": {"kind": "new"},
    "by_name": {"s": {"kind": "square", "side": 1.0}}, "setting": setting, "inner": {"count": 99},
}
result = call("get_odd", [(200, JSON, odd)], SETTING)
assert json.loads(result.to_json()) == odd, result.to_json()
assert isinstance(result, Base) and result.meta.request_id == "req_1" and result.meta_ == "m"
assert (result.minimum, result.if_, result.not_, result.anyOf, result.level, result.link) == (
    1, "i", True, "q", 9, "/relative")
assert result.colors == [Color.red, "x"] and type(result.colors[0]) is Color
assert result.when.tzinfo is None and type(result.shapes[1]) is UnknownObject and result.inner.count == 99
assert Odd.model_validate_json(result.model_dump_json(by_alias=True)) == result
""",
    )


def test_schema_of_request_and_response_is_strict_in_requests(package):
    """What a caller passes follows the document, also if a response may have more."""
    run(
        package,
        """
for wrong, field in [
    ({"color": "blue"}, "color"),
    ({"color": "red", "size": 0}, "size"),
    ({"color": "red", "mode": "z"}, "mode"),
    ({"color": "red", "when": "2024-01-01T00:00:00"}, "when"),
    ({"color": "red", "shape": {"kind": "new"}}, "shape"),
]:
    error = call("get_odd", [], wrong)
    assert isinstance(error, errors.ValidationError) and error.message.startswith(field), error
odd = {"id": "1", "minimum": 1, "setting": {"color": "blue"}}
received = call("get_odd", [(200, JSON, odd)], SETTING).setting
call("get_odd", [(200, JSON, odd)], received)
assert json.loads(requests[-1].content) == {"color": "blue"}
""",
    )


def test_events_of_several_types(package):
    """Each event is its type; one of an unknown type does not end the stream, the last one does."""
    run(
        package,
        """
delta, done = {"type": "text.delta", "delta": "a"}, {"type": "text.done", "text": "a"}
body = event(delta) + event({"type": "text.new", "x": 1}) + event(done) + event({"type": "junk"})
first, unknown, last = call("follow", [(200, EVENTS, body)], SETTING)
assert (type(first), first.delta, first.meta.request_id) == (EventDelta, "a", "req_1")
assert (type(unknown), unknown.type, unknown.x) == (UnknownObject, "text.new", 1)
assert (type(last), last.text) == (EventDone, "a")
assert len(call("events.follow", [(200, EVENTS, body)], color="red")) == 3
assert call("follow", [(200, EVENTS, event(delta) + event({}, "ping") + event(done))], SETTING) == [first, last]
error = call("follow", [(200, EVENTS, event(delta))], SETTING)
assert isinstance(error, errors.StreamInterruptedError) and "without an event of type text.done" in str(error), error
assert error.partial == "a"
error = call("follow", [(200, EVENTS, event(delta) + event({"type": "error", "error": "broken"}))], SETTING)
assert (type(error), error.message, error.partial) == (errors.ServerError, "broken", "a")
error = call("follow", [(200, EVENTS, event({"type": "text.done"}))], SETTING)
assert isinstance(error, errors.ServerError) and "text.done.text: Field required" in str(error), error
""",
    )


def test_events_by_their_name(package):
    """`event:` selects the type of the data where the document uses it, and the last event."""
    run(
        package,
        """
body = event({"status": "running"}, "start") + event({"q": 1}, "other") + event({"id": "abc"}, "stop")
first, unknown, last = call("follow_named", [(200, EVENTS, body)], SETTING)
assert (first, type(unknown), unknown.q, last) == (ReportState(status="running"), UnknownObject, 1, Report(id="abc"))
error = call("follow_named", [(200, EVENTS, event({"status": "running"}, "start"))], SETTING)
assert isinstance(error, errors.StreamInterruptedError), error
""",
    )


def test_events_of_several_content_schemas(package):
    """Each branch of the data is a type, and the data that the document calls the last ends the stream."""
    run(
        package,
        """
delta = event({"type": "text.delta", "delta": "a"})
(chunk,) = call("follow_branches", [(200, EVENTS, delta + b"data: [END]\\n\\n")], SETTING)
assert type(chunk) is EventDelta
assert "without [END]" in str(call("follow_branches", [(200, EVENTS, delta)], SETTING))
""",
    )


def test_stream_that_ends_with_its_body(package):
    """Without a last event, the end of the body ends the stream; half an event does not."""
    run(
        package,
        """
assert call("follow_plain", [(200, EVENTS, b"data: a\\n\\ndata: b\\n\\n")], SETTING) == ["a", "b"]
assert call("follow_plain", [(200, EVENTS, b"")], SETTING) == []
error = call("follow_plain", [(200, EVENTS, b"data: a\\n\\ndata: b")], SETTING)
assert isinstance(error, errors.StreamInterruptedError) and "inside an event" in str(error), error
assert "expected a stream" in str(call("follow_plain", [(200, JSON, {})], SETTING))
""",
    )


def test_json_lines(package):
    """Each line is a chunk, the last one also without its end; half a line is no chunk."""
    run(
        package,
        """
body = b'{"id": "1"}\\n\\n{"id": "2"}\\r\\n{"id": "3"}'
lines = call("read_lines", [(200, "application/x-ndjson", body)], SETTING)
assert [line.id for line in lines] == ["1", "2", "3"] and lines[0].meta.request_id == "req_1"
assert len(call("read_lines", [(200, "application/jsonl", body)], SETTING)) == 3
error = call("read_lines", [(200, "application/x-ndjson", b'{"id": "1"}\\n{"id": ')], SETTING)
assert isinstance(error, errors.StreamInterruptedError) and "inside a line" in str(error), error
error = call("read_lines", [(200, "application/x-ndjson", b'{"error": {"message": "broken"}}\\n')], SETTING)
assert (type(error), error.message) == (errors.ServerError, "broken")
""",
    )


def test_pages(package):
    """Items of all pages are read lazily, until nothing names another; if there are more, that is an error."""
    run(
        package,
        """
def page(*ids, **fields):
    return (200, JSON, {"data": [{"id": item} for item in ids], **fields})

pages = [page("1", "2", last_id="2", has_more=True), page("3", last_id="3", has_more=False)]
items = call("list_items_iter", pages, limit=2)
assert [item.id for item in items] == ["1", "2", "3"]
assert [str(request.url.query, "ascii") for request in requests[:2]] == ["limit=2", "after-id=2&limit=2"]
assert call("items.iter", [page(last_id=None)]) == []
for pages in ([page("1", last_id=None, has_more=True)], [page("1", last_id="1", has_more=True)] * 2):
    error = call("items.iter", pages)
    assert isinstance(error, errors.ServerError) and "there are more" in str(error), error
items = call("search_items_iter", [page("1", cursor="c"), page("2", cursor="c")], {"text": "a"})
assert [item.id for item in items] == ["1", "2"]
requests.clear()
items = call("search_items_iter", [page("1", cursor="c"), page("2", cursor="")], {"text": "a"})
assert [item.id for item in items] == ["1", "2"]
assert json.loads(requests[1].content) == {"text": "a", "cursor": "c"}
error = call("search_items_iter", [page(cursor=str(number)) for number in range(101)], {"text": "a"})
assert isinstance(error, errors.ServerError) and "without an item" in str(error), error
responses[:] = [page("1", cursor="c"), page("2")]
iterator = client.search_items_iter({"text": "a"})
assert next(iterator).id == "1" and len(responses) == 1
""",
    )


def test_jobs(package):
    """A job is polled until its result, by Retry-After or its interval; a failed one raises its state."""
    run(
        package,
        """
def state(status, *headers, **fields):
    return (202, JSON, {"report_id": "r 1", "status": status, **fields}, *headers)

started, result = state("running", {"retry-after-ms": "1"}), (200, JSON, {"id": "abc"})
for name, args in [("create_report_and_poll", (SETTING,)), ("reports.create_and_poll", ())]:
    requests.clear()
    fields = {} if args else SETTING
    report = call(name, [started, state("running", poll_interval_ms=1), result], *args, **fields)
    assert (report, report.meta.status_code) == (Report(id="abc"), 200)
    assert [request.method for request in requests] == ["POST", "GET", "GET"] * 2
    assert str(requests[1].url.raw_path, "ascii") == "/v1/reports?report_id=r%201", requests[1].url
error = call("create_report_and_poll", [started, state("failed", error="no memory")], SETTING)
assert (type(error), error.job.status, error.sent) == (errors.JobFailedError, "failed", True)
assert "job 'r 1' is failed: no memory" in str(error), error
error = call("create_report_and_poll", [state("running", {"retry-after": "60"})], SETTING, deadline=5)
assert isinstance(error, errors.TimeoutError) and "job 'r 1' may still run" in str(error), error
error = call("create_report_and_poll", [(202, JSON, {"status": "running"})], SETTING)
assert isinstance(error, errors.ServerError) and "report_id" in str(error), error
error = call("create_report_and_poll", [started, (404, JSON, {"error": {"message": "gone"}})], SETTING)
assert isinstance(error, errors.NotFoundError), error
""",
    )


def test_cancelled_job(package):
    """Cancelling the task ends the polling."""
    run(
        package,
        """
async def run():
    responses[:] = [(202, JSON, {"report_id": "r", "status": "running"}, {"retry-after": "30"})]
    task = asyncio.ensure_future(async_client.create_report_and_poll(SETTING))
    while responses:
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return len(requests)

assert asyncio.run(run()) == 1
""",
    )


def test_operations_that_only_stream_have_one_method(package):
    """It returns the stream; there is no method that would drop the response."""
    run(
        package,
        """
assert not hasattr(client, "follow_stream") and not hasattr(client.events.with_raw_response, "follow")
assert inspect.signature(client.follow).return_annotation == "Stream[FollowEvent]"
""",
    )


def test_types(package):
    """mypy --strict sees the type of each response, event, item and result."""
    (package / "user.py").write_text(TYPES, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(package / "user.py")],
        env={**os.environ, "MYPYPATH": f"{package}:{ROOT / 'overlay'}"},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not re.findall(r"(?m)^user\.py:.*error.*", process.stdout), process.stdout
    assert "error" not in process.stdout, process.stdout
