"""From a path, a method and a query to an operation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import Response
from starlette.routing import Match

from polargrid_edge.http.routing import Candidate, PathRoute, build_endpoint


def scope_of(path: str, query: str = "") -> dict[str, Any]:
    return {"type": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "method": "GET"}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/v1/models/whisper-1", {"model": "whisper-1"}),
        ("/v1/models/hexgrad%2FKokoro-82M", {"model": "hexgrad/Kokoro-82M"}),
        ("/v1/models/qwen2%2E5", {"model": "qwen2.5"}),
        ("/v1/models/%C3%A9", {"model": "é"}),
        ("/v1/models/hexgrad/Kokoro-82M", None),
        ("/v1/models/", None),
        ("/v1/models", None),
        ("/v1/models/%FF", None),
    ],
)
def test_a_template_matches_one_encoded_segment(path: str, values: dict[str, str] | None) -> None:
    """A slash of an id is percent-encoded; what is not UTF-8 is no value."""
    match, child = PathRoute("/v1/models/{model}", Response()).matches(scope_of(path))
    assert (match is Match.FULL, child.get("path_params")) == (values is not None, values)


def test_a_template_has_no_pattern_of_its_own() -> None:
    """A dot in a path is a dot."""
    route = PathRoute("/v1.0/{id}", Response())
    assert route.matches(scope_of("/v1x0/a"))[0] is Match.NONE


class Named:
    """An operation that responds with its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        await send(self.name)


def select(query: str, *candidates: tuple[str, tuple[tuple[str, str], ...]]) -> Any:
    """The name of the operation that serves the query, or the status of the response."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    endpoint = build_endpoint([Candidate(items, Named(name)) for name, items in candidates])
    asyncio.run(endpoint(scope_of("/v1/x", query), None, send))  # type: ignore[arg-type]
    return sent[0] if isinstance(sent[0], str) else sent[0]["status"]


OPERATIONS = (("plain", ()), ("stream", (("stream", "true"),)), ("job", (("sync", "false"),)))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "plain"),
        ("sync=true", "plain"),
        ("stream=true", "stream"),
        ("stream=True&sync=true", "stream"),
        ("stream=1", "stream"),
        ("stream=false", "plain"),
        ("sync=false", "job"),
        ("sync=0&x=y", "job"),
        ("sync=true&sync=false", "job"),
        ("stream=true&stream=false", "plain"),
        ("STREAM=true", "plain"),
        ("stream=%20true", "stream"),
        ("stream=true&sync=false", 400),
        ("sync=false&stream=true", 400),
        ("stream=", 400),
        ("stream", 400),
        ("stream=yes", 400),
        ("sync=no", 400),
        ("stream=true&sync=maybe", 400),
    ],
)
def test_the_fixed_query_selects_the_operation(query: str, name: str | int) -> None:
    """Without one, the operation without a fixed query; a query that can be misunderstood is rejected."""
    assert select(query, *OPERATIONS) == name


def test_a_template_in_the_query_stands_for_any_value() -> None:
    """The operation that needs it is more specific than the one that does not."""
    operations = (("list", ()), ("get", (("job_id", "{job_id}"),)))
    assert select("job_id=7", *operations) == "get"
    assert select("limit=7", *operations) == "list"


def test_more_matching_items_are_more_specific() -> None:
    """In any order of the document."""
    operations = (("a", (("x", "1"),)), ("ab", (("x", "1"), ("y", "{y}"))))
    assert select("y=5&x=1", *operations) == "ab"


def test_a_query_of_no_operation_is_400() -> None:
    """If every operation of the path and method has a fixed query."""
    assert select("mode=c", ("a", (("mode", "a"),)), ("b", (("mode", "b"),))) == 400
