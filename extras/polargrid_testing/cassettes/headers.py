"""Which headers a cassette forwards, keeps, or leaves out; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from polargrid_testing.samples import load_document

#: Names the server that an attempt is for; the seam adds it.
ORIGIN_HEADER = "polargrid-cassette-origin"
#: Names the route by which its client reaches that server; the seam adds it, too.
ROUTE_HEADER = "polargrid-cassette-route"
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length"}
)
_NOT_FORWARDED = _HOP_BY_HOP | {"host", "accept-encoding", "expect", ORIGIN_HEADER, ROUTE_HEADER}
#: What programs read, apart from the headers of the document.
_KEPT = frozenset({"content-type", "content-encoding", "link", "location", "retry-after", "retry-after-ms"})
_KEPT_PREFIXES = ("x-ratelimit-", "x-pg-")


def select_request_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return what is forwarded. The body is requested as it is, so that it can be read in the file."""
    forwarded = [(name, value) for name, value in headers if name.lower().decode("latin-1") not in _NOT_FORWARDED]
    return [*forwarded, (b"accept-encoding", b"identity")]


def select_response_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a cassette keeps, by names in lower case. Idempotency-Key names another request when it is replayed.

    Date is kept if Retry-After is a date, which is meant by the clock of the server.
    """
    remaining = {name.lower(): value for name, value in headers.items() if _is_kept(name.lower())}
    retry_after = remaining.get("retry-after", "0").strip()
    if not retry_after.replace(".", "", 1).isdigit() and "date" in headers:
        remaining["date"] = headers["date"]
    return remaining


def _is_kept(name: str) -> bool:
    return (name in _KEPT or name in _list_documented() or name.startswith(_KEPT_PREFIXES)) and (
        name not in ("idempotency-key", "set-cookie")
    )


@cache
def _list_documented() -> frozenset[str]:
    """The names of the headers of responses in openapi.yaml, in lower case."""
    document = load_document()
    shared = document.get("components", {}).get("responses", {})
    responses = [*shared.values()]
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                responses += operation.get("responses", {}).values()
    return frozenset(name.lower() for response in responses for name in response.get("headers", {}))
