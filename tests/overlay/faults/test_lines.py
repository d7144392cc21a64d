"""Each row of the page is one line in a user's test: the line brings about the result, with both clients."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import httpx
import pytest

import polargrid
from polargrid_testing import FakeEdge
from tests.overlay.conftest import KEY
from tests.overlay.faults.conftest import CLASSES_OF_ONE_STATUS
from tests.overlay.faults.modules import load_all
from tests.overlay.faults.registry import FAULTS, Fault
from tests.overlay.faults.scripts import CHAT, SPEECH
from tests.overlay.faults.test_uploads import UnseekableFile

FAR = "http://server.invalid"
MODEL = {"model": "whisper-1"}
TEXT = {"model": "m", "prompt": "Hi"}
WAV = ("talk.wav", b"RIFF" + bytes(1000))
LONG = 60.0
#: Seconds of a limit that passes; a busy machine may not get to the fault in the first.
LIMITS = (0.05, 0.5, 5.0)

load_all()
ROWS = {name: row for name, row in FAULTS.items() if row.line is not None}
#: Without those that depend on the length of a listener's queue, elsewhere than on Linux.
HERE = [key for key, row in ROWS.items() if sys.platform == "linux" or not re.search("ignored|silent", str(row.line))]


# What is called


def read_again(client: Any) -> None:
    """Read a stream that fails, and again: the same error."""
    chunks = client.chat_completion_stream(CHAT)
    with pytest.raises(polargrid.PolarGridError) as caught:
        list(chunks)
    with pytest.raises(type(caught.value)) as repeated:
        next(chunks)
    assert repeated.value is caught.value
    raise caught.value


def call_in_handler(client: Any) -> None:
    """Call while an exception is handled; the failure is not explained by it."""
    try:
        raise LookupError("of the caller")
    except LookupError:
        client.chat_completion(CHAT)


def call_twice(client: Any) -> list[Any]:
    """Call, wait until the server did all that it does after its response, and call again."""
    first = client.chat_completion(CHAT)
    client.settle()
    return [first, client.chat_completion(CHAT)]


async def wait_for_steps() -> None:
    """Let the event loop of a server run what is due."""
    for _ in range(20):
        await asyncio.sleep(0)


def upload(client: Any) -> Any:
    """Transcribe a file that is longer than the buffers of the system."""
    with NamedTemporaryFile(suffix=".wav") as file:
        file.truncate(16_000_000)
        return client.transcribe(Path(file.name), MODEL)


CALLS: dict[str, Callable[[Any], Any]] = {
    "chat": lambda client: client.chat_completion(CHAT),
    "twice": call_twice,
    "health": lambda client: client.health(),
    "models": lambda client: client.list_models(),
    "generate": lambda client: client.generate({"model": "m", "prompt": "Hi"}),
    "parse": lambda client: client.chat.completions.parse(**CHAT, response_format=list[int]),
    "stream": lambda client: list(client.chat_completion_stream(CHAT)),
    "first chunk": lambda client: next(client.chat_completion_stream(CHAT)),
    "text": lambda client: client.chat.completions.stream(**CHAT).get_final_completion(),
    "completion": lambda client: client.completions.stream(**TEXT).get_final_completion(),
    "speech": lambda client: client.text_to_speech(SPEECH),
    "audio": lambda client: list(client.text_to_speech_stream(SPEECH)),
    "transcript": lambda client: client.transcribe(WAV, MODEL),
    "pipe": lambda client: client.transcribe(UnseekableFile(WAV[1]), MODEL),
    "upload": upload,
    "events": lambda client: list(client.stream_transcription(WAV, MODEL)),
    "job": lambda client: client.create_transcription_job_and_poll(WAV, MODEL, deadline=5),
    "read again": read_again,
    "in a handler": call_in_handler,
}
#: What is called in a row of a kind, except for those in `CALL`.
CALL_OF_KIND = {"stream": "stream", "upload": "upload"}
CALL = {
    **dict.fromkeys(
        ["connection cause_is_not_of_the_caller", "system handled_exception"],
        "in a handler",
    ),
    **dict.fromkeys(
        [
            *("connection unrequested_response", "connection surplus", "connection connection_close"),
            *("connection closed_between_calls", "connection pieces", "response equal_lengths", "tls surplus_record"),
        ],
        "twice",
    ),
    **dict.fromkeys(
        [
            *("connection rest_of_stream", "encoding bomb_in_stream", "encoding truncated_stream"),
            *("encoding unsupported_stream", "encoding compressed_stream", "error quoted_key_in_stream"),
            *("error event", "error partial", "retry stream_before_first_chunk", "retry stream_after_first_chunk"),
            *("timeout endless_head_of_stream", "timeout deadline_of_stream", "timeout stalled_stream"),
            *("timeout keep_alive_comments", "timeout endless_event", "timeout slow_stream"),
        ],
        "stream",
    ),
    **dict.fromkeys(
        [
            *("response short_audio", "response json_instead_of_audio", "response empty_audio"),
            *("tls announced_end", "tls cut_unframed_response", "timeout dripping_body"),
        ],
        "speech",
    ),
    **dict.fromkeys(
        [
            *("stream failed_audio", "stream interrupted_audio", "stream empty_audio"),
            *("encoding truncated_audio", "timeout deadline_of_audio"),
        ],
        "audio",
    ),
    **dict.fromkeys(["stream unknown_type", "stream without_last_event", "stream events_after_the_last"], "events"),
    **dict.fromkeys(["stream event_without_a_field"], "events"),
    **dict.fromkeys(["response failed_job", "timeout endless_job"], "job"),
    **dict.fromkeys(["response missing_optional_field", "response many_invalid_items"], "health"),
    **dict.fromkeys(["response undecodable_text", "upload replayed"], "transcript"),
    **dict.fromkeys(
        ["upload unseekable", "upload unseekable_without_failover", "upload unseekable_with_failover"], "pipe"
    ),
    "stream first_event_at_once": "first chunk",
    "stream completion_chunk": "completion",
    "response models": "models",
    "response many_invalid_items": "models",
    "response helpers": "generate",
    "error structured_output": "parse",
    "timeout endless_upload": "upload",
    "usage read_after_an_error": "read again",
}


def name_of(key: str) -> str:
    """Return the key of a row, as the tables above have it."""
    return key.replace(" test_", " ")


def select_call(key: str, row: Fault) -> Callable[[Any], Any]:
    """Return what is called in a row."""
    name = CALL.get(name_of(key), CALL_OF_KIND.get(row.kind, "chat"))
    is_tool_call = row.line is not None and "tool-calls" in row.line
    return CALLS["text" if is_tool_call else name]


# What is expected

RETRIED_ROWS = {
    *("upload replayed", "retry lost_response", "retry short_retry_after", "retry idempotency_key"),
    *("retry stream_after_first_chunk", "upload unseekable", "upload unseekable_without_failover"),
    *("retry give_up", "retry outage", "retry policy", "retry other_status", "retry long_retry_after"),
    *("retry invalid_success", "connection refused", "connection unknown_host"),
}
RETRIED = re.compile(r"retried$|retried;|after a retry|`meta.attempts` is 2|^a retry|of another attempt|all responses")
#: The result of rows that do not begin with it.
RESULT = {
    "connection cause_is_not_of_the_caller": "`NetworkError`",
    "system handled_exception": "`NetworkError`",
    "response verdict": "`NetworkError`",
    "retry idempotency_key": "the response",
    "retry retry_after": "its error",
    "retry retry_after_of_a_wrong_clock": "its error",
    "error excerpt": "its error",
    "error partial": "`StreamInterruptedError`",
    "usage read_after_an_error": "`StreamInterruptedError`",
    "retry outage": "its error",
    "retry policy": "its error",
    "error shapes": "its error",
    "error connection_is_reused": "its error",
}


def expect(key: str, row: Fault) -> type[BaseException] | None:
    """Return the class that the row names, PolarGridError for an error of a status, or None for a response."""
    result = RESULT.get(name_of(key), row.result)
    if named := re.match(r"`(\w+Error)`", result):
        kind: type[BaseException] = getattr(polargrid.errors, named[1])
        return kind
    return (
        polargrid.PolarGridError if re.match(r"(the|its|an)( \w+)? (error|exception)|its? exception", result) else None
    )


# How the client is made


def limit(row: Fault, seconds: float) -> dict[str, Any]:
    """Return the options of a client whose limit of this row is short."""
    result, is_error = row.result, "TimeoutError" in row.result
    if "`idle_timeout`" in result and is_error:
        return {"timeout": LONG, "idle_timeout": seconds}
    if "connect timeout" in result or "write timeout" in result:
        return {"timeout": seconds if is_error else 12 * seconds}
    if ("`deadline`" in result and is_error) or "exceeds the `deadline`" in row.condition:
        return {"deadline": seconds}
    if "`timeout`" in result or "after a retry" in result or result.startswith("`TimeoutError` with its URL"):
        is_long = "8 bytes" in row.condition or "response" in result
        return {"timeout": httpx.Timeout(LONG, read=8 * seconds if is_long else seconds)}
    return {"max_body_bytes": 1_000_000, "max_event_bytes": 1_000_000}


@pytest.fixture(scope="module")
def fakes() -> Iterator[dict[str, FakeEdge]]:
    """A fake for each kind of row: plain, with a name, with TLS, and one that is a second region."""
    fakes = {
        "plain": FakeEdge(),
        "name": FakeEdge(host="edge.test"),
        "tls": FakeEdge(tls=True),
        "second": FakeEdge(),
    }
    yield fakes
    for fake in fakes.values():
        fake.close()


@pytest.fixture
def connect_row(
    connect: Any, fakes: dict[str, FakeEdge]
) -> Iterator[Callable[[str, Fault, float], tuple[FakeEdge, Any]]]:
    """The fake of a row, which answers with the examples of the document, and a client of it."""

    def create(key: str, row: Fault, seconds: float) -> tuple[FakeEdge, Any]:
        line = str(row.line)
        is_plain = "tls-unexpected" in line
        fake = fakes["name" if '"name-' in line else "tls" if row.kind == "tls" and not is_plain else "plain"]
        for item in fakes.values():
            item.reset()
            item.use_examples()
        options: dict[str, Any] = {"base_url": fake.url, "api_key": KEY, "retry": polargrid.RetryPolicy(first_delay=0)}
        if RETRIED.search(row.result) or name_of(key) in RETRIED_ROWS:
            options["max_retries"] = 1
        if "region" in row.condition:
            options |= {"base_url": None, "regions": [fake.url, fakes["second"].url]}
        if row.kind == "proxy":
            is_tunnel = "proxy-" in line
            options |= {"base_url": FAR.replace("http:", "https:") if is_tunnel else FAR, "proxy": fake.url}
        if fake.ssl_context is not None:
            options["ssl_context"] = fake.ssl_context
        client = connect(**options, **limit(row, seconds))
        client.settle = lambda: asyncio.run_coroutine_threadsafe(wait_for_steps(), fake._server._loop).result()
        return fake, client

    yield create
    for fake in fakes.values():
        fake.reset()


@pytest.mark.parametrize("key", HERE)
def test_line(connect_row, fakes, raised_errors, key):
    """The line of a row in the page, and a call: the result of the row, by a fault that happened."""
    row = ROWS[key]
    call, kind = select_call(key, row), expect(key, row)
    is_of_all = row.condition.startswith("All of several regions")
    for seconds in LIMITS:
        fake, client = connect_row(key, row, seconds)
        faulty = [fake, *([fakes["second"]] if is_of_all else [])]
        faults = [eval(str(row.line), {"fake": item}) for item in faulty]  # noqa: S307 - a line of this project
        error = catch(call, client)
        has_happened = all(item.uses or item.bound.phase == "server" for item in faults)
        if has_happened and (kind is not None or error is None):
            break
    assert has_happened
    assert (error is None) == (kind is None), error
    if error is not None:
        raised_errors.append(error)
        is_any = kind is polargrid.PolarGridError and isinstance(error, kind)
        assert is_any or kind in (type(error), CLASSES_OF_ONE_STATUS.get(type(error)))


def catch(call: Callable[[Any], Any], client: Any) -> polargrid.PolarGridError | None:
    """Return the error of a call, None if it returns something."""
    try:
        assert call(client) is not None
    except polargrid.PolarGridError as error:
        return error
    return None


def test_every_row_has_a_line_or_needs_none():
    """A row without a line is the program's own doing: no server, network, certificate or name lookup causes it."""
    own = [row for row in FAULTS.values() if row.line is None]
    assert {row.kind for row in own} <= {
        "connection",
        "proxy",
        "timeout",
        "stream",
        "retry",
        "upload",
        "usage",
        "system",
    }
    assert len(own) <= 63
    assert len(own) + len(ROWS) == len(FAULTS)


def test_every_fault_is_in_a_row():
    """Each fault of the kit is the line of a row, or a shorter name of one."""
    from polargrid_testing.faults import FAULTS as NAMES

    used = {re.match(r'fake\.fault\("([\w-]+)"', str(row.line))[1] for row in ROWS.values()}  # type: ignore[index]
    assert set(NAMES) - used == {"rate-limit", "unavailable", "latency"}
