"""Operations build their own URLs, and load their models on first use."""

from __future__ import annotations

import pytest

from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.arguments import NOT_GIVEN, provided_fields
from polargrid_runtime.operation import Body, split_path


@pytest.mark.parametrize(
    ("key", "path", "query"),
    [
        ("/v1/jobs", "/v1/jobs", ()),
        ("/v1/jobs?stream=true&x=", "/v1/jobs", (("stream", "true"), ("x", ""))),
        ("/v1/{a}?job_id={job_id}", "/v1/{a}", (("job_id", "{job_id}"),)),
        ("/v1/jobs?a%20b=c+d", "/v1/jobs", (("a b", "c d"),)),
    ],
)
def test_split_path(key, path, query):
    """A path key may end in a query of values and templates."""
    assert split_path(key) == (path, query)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (Body("application/json", "Word"), "json"),
        (Body("application/merge-patch+json; version=1", "Word"), "json"),
        (Body("multipart/form-data", "Word"), "form"),
        (Body("application/x-www-form-urlencoded", "Word"), "urlencoded"),
        (Body("text/plain; charset=utf-8", "str"), "text"),
        (Body("image/*"), "binary"),
    ],
)
def test_kind_of_a_body(body, kind):
    """It follows from the media type, and from the type."""
    assert body.kind == kind


@pytest.mark.parametrize("item", OPERATIONS, ids=lambda item: item.name)
def test_types_of_every_operation_resolve(item):
    """The type names of every generated operation exist in its models."""
    assert (item.request_type is None) == (item.body is None)
    assert (item.response_model is None) == (not any(kind.media_type == "application/json" for kind in item.responses))
    assert (item.chunk_type is None) == (item.events is None)


def test_provided_fields_keep_none():
    """An omitted field is dropped; None is sent as null."""
    assert provided_fields(a=NOT_GIVEN, b=None, c=0) == {"b": None, "c": 0}
    assert (bool(NOT_GIVEN), repr(NOT_GIVEN)) == (False, "NOT_GIVEN")
