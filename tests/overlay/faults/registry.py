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

Each row is a test in `tests/overlay/faults/`. It runs with both clients against a server on a socket that has the
fault, over `transport="httpx"`, `"httpx2"` and `"fast"`; with the async client under asyncio and uvloop. In every row:

- The call ends in bounded time and memory, except where a row says otherwise.
- An exception is a `polargrid.PolarGridError`, except where a row says otherwise.
- The API key is in no message, `repr`, log line or traceback, not even in one that shows local variables.

A row describes one attempt; "retried" means up to `max_retries` more. `make test` fails if this page and the tests
differ; `.venv/bin/python -m tests.overlay.faults` writes it.

## In your own tests

The last column is what brings a row about in a test of your program, as a method of the fake edge of
`polargrid[testing]`; "your program" is in rows that no server, network, certificate or name lookup causes.

```python
from polargrid import StreamInterruptedError
from polargrid_testing import FakeEdge

with FakeEdge() as fake, fake.client() as client:
    fake.chat("Once upon a time", chunks=["Once", " upon", " a time"])
    fake.fault("stream-cut", after=2)
    request = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    stream = client.chat.completions.stream(**request)
    try:
        for text in stream.text_stream:
            print(text)
    except StreamInterruptedError as error:
        print("interrupted after:", error.partial)
```

A fault happens once, so a client that retries gets over it; `times=3` or `times=None` repeats it. Those of TLS need
`FakeEdge(tls=True)` and a client with `ssl_context=fake.ssl_context`, those of names `FakeEdge(host="edge.test")`, and
those of proxies a client with `proxy=fake.url`. `python -m polargrid_testing.faults` prints all faults with their
options.

## What makes a response whole

A part is never returned as the whole. Metadata, such as `id`, `created`, `usage` or `finish_reason`, may be missing or
null: the field is then `None`, whatever its type says. What follows must be there:

| Response | It is whole if |
|---|---|
| any | it has the length of Content-Length, or its last chunk; with neither, its connection ends; so does its gzip |
| JSON | it has its content: a choice, a message or text in each, the names of functions, a transcript's text, `data` |
| text | it is UTF-8; the transcript of silence is empty |
| audio | it is not empty |
| event stream | `[DONE]` follows a choice; or, without `[DONE]`, each choice that began has a finish_reason |
| event stream without choices | it has the event that ends it in `openapi.yaml` |
| tool call of a stream | it has a name; if its choice has no finish_reason, the brackets of its arguments are closed |

The arguments of a tool call are what the model wrote, and may be invalid JSON: validate them. What raised an error once
raises it again: a stream that failed never looks like one that ended.

## Limits of httpx and httpx2

`httpx` and `httpx2` behave alike in every row. Both have limits that `fast` does not have:

- **Your own `http_client`, with the sync client.** A `deadline` limits each socket operation to what is left when the
  request, the headers or the body starts, and it is checked between two pieces of a body: a server that sends headers
  in small pieces can exceed it. A name is looked up without a limit, and each of its addresses gets the whole connect
  timeout. On the SDK's own connections, `deadline` ends a call at any point, up to one write of 64 KiB, and the connect
  timeout covers the lookup and all addresses; only the name of a proxy is looked up without a limit.
- **Your own `http_client`, and headers in small pieces.** `timeout` limits each read, not their sum. `idle_timeout`
  limits the headers as a whole on the SDK's own connections; with your own client, only the `deadline` does. Calls have
  one of 600 s by default, streams have none.
- **Your own `http_client`, and unrequested responses.** Bytes that follow a complete response in the same packet are
  read as the response of the next call on that connection. On its own connections, the SDK detects them and closes the
  connection.
- **Rejected uploads.** If a server rejects a long upload and closes the connection, the async client may fail to send
  before it reads the response. Then the call raises `NetworkError` without the status.
- **Your own `http_client`, and responses without an end.** A response without Content-Length and chunks ends with its
  connection. If TLS is cut without close_notify, it counts as complete with your own client, and is a `NetworkError` on
  the SDK's connections. Without TLS, nothing tells a cut from the end: JSON and event streams have an end of their own,
  which is checked; audio and plain text do not.

Two things have no limit on any transport. The number of events, or bytes, of a stream: your program reads each of them
and can stop. And an upload that you read from a file without an end.

A name lookup cannot be interrupted, only abandoned: its thread ends by itself. `asyncio.run` waits for it when it ends.

## What no HTTP/1.1 client can see

An unrequested response that arrives while a request is on its way looks like the response to it. The SDK makes this
rare: it looks for received bytes right before it sends a request; once a server has sent anything unrequested, the
client uses none of its connections for a second call; and if a response has an `idempotency-key` header, it must be
that of the request.
"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, and its result."""

    kind: str
    condition: str
    result: str
    line: str | None
    """The line of a user's test that brings it about; None if it is the program's own doing."""
    module: str


FAULTS: dict[str, Fault] = {}


def fault(kind: str, condition: str, *, result: str, line: str | None) -> Callable[[Test], Test]:
    """Register a test as that of a fault; its docstring is the row of the table."""

    def register(test: Test) -> Test:
        assert kind in KINDS, kind
        test.__doc__ = f"{condition}: {result}."
        row = Fault(kind, condition, result, line, test.__module__)
        registered = FAULTS.setdefault(f"{kind} {test.__name__}", row)
        assert registered.condition == condition, f"two tests of {kind} are named {test.__name__}"
        return test

    return register


def render_page() -> str:
    """Return the text of docs/faults.md."""
    return "\n".join([_INTRODUCTION, *(_render_section(kind, title) for kind, title in KINDS.items())])


def _render_section(kind: str, title: str) -> str:
    faults = sorted(FAULTS.values(), key=lambda fault: fault.module)  # a run of some modules imports these first
    rows = [f"| {fault.condition} | {fault.result} | {_render_line(fault)} |" for fault in faults if fault.kind == kind]
    return "\n".join([f"## {title}\n", "| Fault | Result | In a test |", "|---|---|---|", *rows, ""])


def _render_line(fault: Fault) -> str:
    return "your program" if fault.line is None else f"`{fault.line.removeprefix('fake.')}`"
