"""A recorded response as the steps of a server; pure."""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_testing.cassettes.recording import RecordedResponse
from polargrid_testing.steps import Answer, Close, Pause, Reset, Send, Stall, Step, render_chunk, render_head

_WITHOUT_BODY = frozenset({204, 304})


def replay_steps(response: RecordedResponse, *, times: bool, has_body: bool = True) -> Iterator[Step]:
    """Yield the steps of a response: the same bytes in the same pieces, at once or with their times.

    The response to a HEAD request has no body.
    """
    if times and response.ms:
        yield Pause(response.ms / 1000)
    if not response.status:  # there was no response: the program left before, or the server was not reached
        yield Stall() if response.end == "disconnect" else Reset()
        return
    headers = list(response.headers.items())
    if isinstance(response.body, bytes):
        if has_body and response.status not in _WITHOUT_BODY:
            headers.append(("content-length", str(len(response.body))))
        yield Send(render_head(response.status, headers))
        if response.body:
            yield Send(response.body)
        return
    yield Send(render_head(response.status, [*headers, ("transfer-encoding", "chunked")]))
    for item in response.body:
        if times and item.ms:
            yield Pause(item.ms / 1000)
        if item.data:  # an empty chunk would end the body
            yield Send(render_chunk(item.data))
    yield Send(render_chunk(b"")) if response.end == "complete" else Close()


def refusal_steps(message: str, code: str, *, status: int = 501) -> Iterator[Step]:
    """Yield the steps of an error; clients do not retry its status."""
    error = {"message": message, "type": "cassette_error", "code": code}
    return Answer.json({"error": error}, status=status).steps()
