"""Operations build their own URLs, and load their models on first use."""

from __future__ import annotations

from typing import Any

import pytest

from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.arguments import NOT_GIVEN, provided_fields
from polargrid_runtime.operation import Operation, Parameter

WORD = Parameter("word", "path", "word", required=True)


def operation(path: str, *parameters: Parameter) -> Operation[Any, Any]:
    return Operation("things", "GET", path, "models", parameters=parameters)


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("hello", "hello"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        ("a?b#c%d e", "a%3Fb%23c%25d%20e"),
        ("~user_1-2", "~user_1-2"),
        ("ü", "%C3%BC"),
        (7, "7"),
        (1.5, "1%2E5"),
        (True, "true"),
    ],
)
def test_path_argument_is_one_segment(value, segment):
    """Every character that could end a segment is percent-encoded, dots as well."""
    assert operation("/v1/{word}/end", WORD).build_path({"word": value}) == f"/v1/{segment}/end"


def test_argument_name_differs_from_the_parameter():
    """The URL has the API's name, the arguments have Python's."""
    parameters = Parameter("model-id", "path", "model_id", required=True), Parameter("from", "query", "from_")
    things = operation("/v1/{model-id}", *parameters)
    arguments = {"model_id": "m", "from_": 3}
    assert (things.build_path(arguments), things.build_query(arguments)) == ("/v1/m", {"from": 3})


def test_query_omits_none():
    """None is an omitted parameter; zero, false and empty text are values."""
    parameters = [Parameter(name, "query", name) for name in ("a", "b", "c", "d", "e")]
    arguments = {"a": None, "b": 0, "c": False, "d": ""}
    assert operation("/v1", *parameters).build_query(arguments) == {"b": 0, "c": False, "d": ""}


def test_constant_is_always_sent():
    """A constant parameter is no argument, and cannot be overridden by one."""
    things = operation("/v1/{word}", WORD, Parameter("sync", "query", "sync", constant=True))
    assert things.build_query({"word": "a"}) == {"sync": True}
    assert things.build_query({"word": "a", "sync": False}) == {"sync": True}


def test_path_argument_is_required():
    """A missing path argument raises KeyError instead of sending a template."""
    with pytest.raises(KeyError):
        operation("/v1/{word}", WORD).build_path({})


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
