"""The faults by kind, and the page that lists them: `python -m tests.overlay.faults` writes docs/faults.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

KINDS = {
    "connection": "Connections",
    "tls": "TLS",
    "proxy": "Proxies",
    "timeout": "Timeouts",
    "response": "Responses",
    "encoding": "Compressed responses",
    "error": "Error responses",
    "retry": "Retries",
    "upload": "Uploads",
    "stream": "Streams",
    "usage": "Usage",
    "system": "The system, and your own code",
}
_INTRODUCTION = """\
# Faults and what the SDK does

Each row is a test in `tests/overlay/faults/`. It runs with both clients against a raw socket server that has the fault,
over `transport="httpx"`, `"httpx2"` and `"fast"`; with the async client under asyncio and uvloop. In every row:

- The call ends in bounded time and memory, except where a row says otherwise.
- An exception is a `polargrid.PolarGridError`, except where a row says otherwise.
- The API key is in no message, `repr`, log line or traceback, not even in one that shows local variables.

A row describes one attempt; "retried" means up to `max_retries` more. `make test` fails if this page and the tests
differ; `.venv/bin/python -m tests.overlay.faults` writes it.

## What makes a response whole

A part is never returned as the whole. Metadata, such as `id`, `created`, `usage` or `finish_reason`, may be missing or
null: the field is then `None`, whatever its type says. What follows must be there:

| Response | It is whole if |
|---|---|
| any | it has the length of Content-Length, or its last chunk; with neither, its connection ends; so does its gzip |
| JSON | it has its content: a choice, a message or text in each, the names of functions, a transcript's text, `data` |
| text | it is UTF-8; the transcript of silence is empty |
| audio | it is not empty |
| event stream | `[DONE]` follows a chunk; or, without `[DONE]`, each choice that began has a finish_reason |
| tool call of a stream | it has a name; if its choice has no finish_reason, the brackets of its arguments are closed |

The arguments of a tool call are what the model wrote, and may be invalid JSON: validate them. What raised an error once
raises it again: a stream that failed never looks like one that ended.

## Limits of httpx and httpx2

`httpx` and `httpx2` behave alike in every row. Both have limits that `fast` does not have:

- **Deadlines of the sync client.** With the async client, a `deadline` covers a whole call: connecting, sending,
  headers and body. With the sync client, it limits each socket operation to what is left when that operation starts,
  and it is checked between two pieces of a body. The limit of reads is set once for the headers and once for the body.
  So a server that sends headers in small pieces, each within that limit, can exceed the deadline: until 100 KiB of
  headers have arrived, which raises `NetworkError`, or as long as it sends interim responses (1xx).
- **Timeouts of headers.** `timeout` limits each read, not their sum. With the async client, `idle_timeout` limits the
  headers as a whole, with their interim responses: 120 s by default. With the sync client it is checked only from the
  body on, as httpx sets the limit of reads once for the headers and reports no read: headers in small pieces can exceed
  it. `fast` limits them by the `deadline` only. Calls have one of 600 s by default, streams have none.
- **Rejected uploads.** If a server rejects a long upload and closes the connection, the async client may fail to send
  before it reads the response. Then the call raises `NetworkError` without the status.
- **Responses without an end.** A response without Content-Length and chunks ends with its connection. If TLS is cut
  without close_notify, it counts as complete. JSON and event streams have an end of their own, which is checked; audio
  and plain text do not.
- **Unrequested responses.** Bytes that follow a complete response in the same packet are read as the response of the
  next call on that connection.

Two things have no limit on any transport. The number of events, or bytes, of a stream: your program reads each of them
and can stop. And an upload that you read from a file without an end.

No transport, of any HTTP/1.1 client, can tell a late unrequested response from the next one.
"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, and its result."""

    kind: str
    condition: str
    result: str


FAULTS: dict[str, Fault] = {}


def fault(kind: str, condition: str, *, result: str) -> Callable[[Test], Test]:
    """Register a test as that of a fault; its docstring is the row of the table."""

    def register(test: Test) -> Test:
        assert kind in KINDS, kind
        test.__doc__ = f"{condition}: {result}."
        registered = FAULTS.setdefault(f"{kind} {test.__name__}", Fault(kind, condition, result))
        assert registered.condition == condition, f"two tests of {kind} are named {test.__name__}"
        return test

    return register


def render_page() -> str:
    """Return the text of docs/faults.md."""
    return "\n".join([_INTRODUCTION, *(_render_section(kind, title) for kind, title in KINDS.items())])


def _render_section(kind: str, title: str) -> str:
    rows = [f"| {fault.condition} | {fault.result} |" for fault in FAULTS.values() if fault.kind == kind]
    return "\n".join([f"## {title}\n", "| Fault | Result |", "|---|---|", *rows, ""])
