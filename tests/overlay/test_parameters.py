"""Parameters of every place and style, validated once."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field, create_model

from polargrid import ValidationError
from polargrid_codec.parameters import encode_parameters
from polargrid_runtime.operation import Operation, Parameter


def operation(path: str, *parameters: Parameter, query=(), **types: Any) -> Operation[Any, Any]:
    """Build an operation whose arguments have these types; by default any."""
    result = Operation("things", "GET", path, "models", query=query, parameters=parameters)
    arguments = {item.argument: item for item in parameters if item.constant is None}
    fields = {
        name: (types.get(name, Any), ...) if item.required else (types.get(name, Any), None)
        for name, item in arguments.items()
    }
    vars(result)["parameters_model"] = create_model(
        "ThingsParameters", __module__="polargrid_generated.models", **fields
    )  # type: ignore[call-overload]
    return result


def encode(path: str, *parameters: Parameter, values: dict[str, Any], extra_query=None, query=(), **types: Any) -> Any:
    return encode_parameters(operation(path, *parameters, query=query, **types), values, extra_query or {})


def query_of(value: Any, style: str = "form", *, explode: bool = True) -> str:
    target, _ = encode("/v1", Parameter("q", "query", "q", style=style, explode=explode), values={"q": value})
    return target.removeprefix("/v1").removeprefix("?")


def segment_of(value: Any, style: str = "simple", *, explode: bool = False) -> str:
    parameter = Parameter("p", "path", "p", required=True, style=style, explode=explode)
    return encode("/v1/{p}/end", parameter, values={"p": value})[0].removeprefix("/v1/").removesuffix("/end")


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
        (1.5, "1.5"),
        (".", "%2E"),
        ("a/../b", "a%2F%2E%2E%2Fb"),
        (True, "true"),
    ],
)
def test_path_argument_is_one_segment(value, segment):
    """Every character that could end a segment is percent-encoded, and dots that could be one."""
    assert segment_of(value) == segment


@pytest.mark.parametrize("value", ["", []])
@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_empty_path_argument(value, style):
    """It would remove a segment of the path."""
    with pytest.raises(ValidationError, match="p: it is empty; the path needs a value") as caught:
        segment_of(value, style)
    assert caught.value.param == "p"


@pytest.mark.parametrize(
    ("style", "explode", "items", "fields"),
    [
        ("simple", False, "3,4,5", "R,100,G,200"),
        ("simple", True, "3,4,5", "R=100,G=200"),
        ("label", False, ".3,4,5", ".R,100,G,200"),
        ("label", True, ".3.4.5", ".R=100.G=200"),
        ("matrix", False, ";p=3,4,5", ";p=R,100,G,200"),
        ("matrix", True, ";p=3;p=4;p=5", ";R=100;G=200"),
    ],
)
def test_styles_of_the_path(style, explode, items, fields):
    """A list and an object are written as OpenAPI says."""
    assert segment_of([3, 4, 5], style, explode=explode) == items
    assert segment_of({"R": 100, "G": 200}, style, explode=explode) == fields


@pytest.mark.parametrize(
    ("style", "explode", "items", "fields"),
    [
        ("form", True, "q=a&q=b%20c", "R=100&G=200"),
        ("form", False, "q=a,b%20c", "q=R,100,G,200"),
        ("spaceDelimited", False, None, "q=R%20100%20G%20200"),
        ("pipeDelimited", False, "q=a%7Cb%20c", "q=R%7C100%7CG%7C200"),
        ("json", False, "q=%5B%22a%22%2C%22b%20c%22%5D", "q=%7B%22R%22%3A100%2C%22G%22%3A200%7D"),
    ],
)
def test_styles_of_the_query(style, explode, items, fields):
    """A list and an object are written as OpenAPI says."""
    if items is not None:
        assert query_of(["a", "b c"], style, explode=explode) == items
    assert query_of({"R": 100, "G": 200}, style, explode=explode) == fields


def test_deep_object():
    """Each field has the name of the parameter before its own; None is omitted."""
    assert query_of({"gte": 3, "name": "a&b", "none": None}, "deepObject") == "q%5Bgte%5D=3&q%5Bname%5D=a%26b"


@pytest.mark.parametrize(("style", "item"), [("spaceDelimited", "a b"), ("pipeDelimited", "a|b")])
def test_delimiter_in_an_item(style, item):
    """It could not be told from the ones between items."""
    with pytest.raises(ValidationError, match=r"q: an item holds '.', which separates the items"):
        query_of([item], style, explode=False)


def test_nested_value():
    """A list inside of a list has no form."""
    with pytest.raises(ValidationError, match="q: a list or an object inside of another cannot be sent"):
        query_of([["a"]])


def test_omitted_values():
    """None is an omitted parameter, an empty list has no pairs; zero, false and empty text are values."""
    parameters = [Parameter(name, "query", name) for name in ("a", "b", "c", "d", "e", "f")]
    values = {"a": None, "b": 0, "c": False, "d": "", "f": []}
    assert encode("/v1", *parameters, values=values)[0] == "/v1?b=0&c=false&d="


def test_constants_are_always_sent():
    """They are no arguments; required or not, in every place."""
    parameters = [
        Parameter("sync", "query", "sync", required=True, constant=True),
        Parameter("X-Version", "header", "x_version", constant=2),
        Parameter("mode", "cookie", "mode", constant="dark"),
        Parameter("p", "path", "p", required=True, constant="all"),
    ]
    headers = {"x-version": "2", "cookie": "mode=dark"}
    assert encode("/v1/{p}", *parameters, values={"sync": False}) == ("/v1/all?sync=true", headers)


def test_headers_and_cookies():
    """A list is joined in a header; cookies are percent-encoded, in one header."""
    parameters = [
        Parameter("X-Trace", "header", "x_trace", style="simple", explode=False),
        Parameter("X-Map", "header", "x_map", style="simple", explode=True),
        Parameter("session", "cookie", "session"),
        Parameter("ids", "cookie", "ids", explode=False),
    ]
    values = {"x_trace": ["a", "b"], "x_map": {"k": 1, "z": True}, "session": "a b;c", "ids": [1, 2]}
    headers = {"x-trace": "a,b", "x-map": "k=1,z=true", "cookie": "session=a%20b%3Bc; ids=1,2"}
    assert encode("/v1", *parameters, values=values)[1] == headers


@pytest.mark.parametrize("value", ["ü", "a\r\nb: c", " a", "a\x7f"])
def test_value_of_a_header(value):
    """It is printable ASCII, without space around it."""
    with pytest.raises(ValidationError, match="tag: expected printable ASCII, as it is a header"):
        encode("/v1", Parameter("X-Tag", "header", "tag", style="simple"), values={"tag": value})


def test_query_of_the_path():
    """Its values are always sent, its templates are arguments; `extra_query` overrides both."""
    job = Parameter("job_id", "path", "job_id", required=True, style="simple")
    query = (("kind", "all"), ("job_id", "{job_id}"))
    assert encode("/v1/jobs", job, query=query, values={"job_id": "a/b"})[0] == "/v1/jobs?kind=all&job_id=a%2Fb"
    extra = {"job_id": "z", "kind": ["x", None]}
    target = encode("/v1/jobs", job, query=query, values={"job_id": "a"}, extra_query=extra)[0]
    assert target == "/v1/jobs?job_id=z&kind=x&kind="


def test_argument_name_differs_from_the_parameter():
    """The URL has the API's name, the arguments have Python's."""
    parameters = Parameter("model-id", "path", "model_id", required=True), Parameter("from", "query", "from_")
    assert encode("/v1/{model-id}", *parameters, values={"model_id": "m", "from_": 3})[0] == "/v1/m?from=3"


@pytest.mark.parametrize(
    ("value", "type_", "text"),
    [
        (datetime.date(2026, 1, 2), datetime.date, "2026-01-02"),
        ("2026-01-02", datetime.date, "2026-01-02"),
        (datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), AwareDatetime, "2026-01-02T00%3A00%3A00Z"),
        ("5", int, "5"),
        (1.0, float, "1.0"),
        ("low", Literal["low", "high"], "low"),
    ],
)
def test_valid_value(value, type_, text):
    """A value is converted as a field of a request is, and written as JSON writes it."""
    assert encode("/v1", Parameter("q", "query", "q"), values={"q": value}, q=type_)[0] == f"/v1?q={text}"


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        ("x", int, "q: Input should be a valid integer"),
        ("mid", Literal["low", "high"], "q: Input should be 'low' or 'high'"),
        (0, Annotated[int, Field(ge=1)], "q: Input should be greater than or equal to 1"),
        (datetime.datetime(2026, 1, 2), AwareDatetime, "q: Input should have timezone info"),
        (float("nan"), float, "q: nan has no JSON form"),
    ],
)
def test_invalid_value(value, type_, message):
    """The error names the argument, as for a field of a request."""
    with pytest.raises(ValidationError, match=message) as caught:
        encode("/v1", Parameter("q", "query", "q"), values={"q": value}, q=type_)
    assert (caught.value.param, caught.value.details[0]["field"]) == ("q", "q")


def test_missing_argument():
    """A required parameter cannot be None."""
    with pytest.raises(ValidationError, match="q: Input should be a valid string"):
        encode("/v1", Parameter("q", "query", "q", required=True), values={"q": None}, q=str)
