"""The values of `extra_headers`, `extra_query` and `extra_body`, validated when an option is set."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

import pytest

from polargrid import ValidationError
from polargrid_codec.encoding import build_request, normalize_headers, validate_fields, validate_query
from polargrid_generated import operations

RESERVED = [
    *("accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length"),
    *("content-type", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"),
]


def message_of(validate, *values):
    """The message of the error for an invalid value."""
    with pytest.raises(ValidationError) as exc_info:
        validate(*values)
    assert exc_info.value.param == str(exc_info.value).partition(":")[0]
    return str(exc_info.value)


@pytest.mark.parametrize(
    ("validate", "arguments"), [(normalize_headers, ()), (validate_query, ()), (validate_fields, ())]
)
def test_none_is_an_empty_mapping(validate, arguments):
    assert validate(*arguments, None) == {}


def test_mapping_is_copied():
    fields = {"a": 1}
    copy = validate_fields(MappingProxyType(fields))
    fields["b"] = 2
    assert copy == {"a": 1}


@pytest.mark.parametrize("value", ["a=1", [("a", 1)], 7, {7: "a"}, []])
def test_other_types_are_rejected(value):
    expected = 'expected a mapping, like {"name": "value"}'
    assert message_of(validate_fields, value) == f"extra_body: {expected}"
    assert message_of(normalize_headers, value) == f"extra_headers: {expected}"
    assert message_of(validate_query, value) == f"extra_query: {expected}"


def test_header_names_are_in_lower_case():
    assert normalize_headers({"X-Trace": "a: b,\tC", "x-empty": ""}) == {"x-trace": "a: b,\tC", "x-empty": ""}


def test_header_name_may_have_each_character_of_a_token():
    assert normalize_headers({"!#$%&'*+-.^_`|~09AZ": "a"}) == {"!#$%&'*+-.^_`|~09az": "a"}


@pytest.mark.parametrize("name", RESERVED)
def test_header_of_the_sdk_is_rejected(name):
    alternative = "; pass the key as api_key" if name == "authorization" else ""
    expected = f"extra_headers: header '{name}' is set by the SDK and cannot be overridden{alternative}"
    assert message_of(normalize_headers, {name.title(): "a"}) == expected


@pytest.mark.parametrize("name", ["", "x a", "x-ä", "x:a", "x-a\r\nx-b"])
def test_invalid_header_name_is_rejected(name):
    assert message_of(normalize_headers, {name: "a"}) == f"extra_headers: invalid header name {name!r}"


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\0", "é", 7, None, b"a"])
def test_invalid_header_value_is_rejected(value):
    expected = "extra_headers: invalid value of header 'x-a'; expected printable ASCII"
    assert message_of(normalize_headers, {"x-a": value}) == expected


def test_one_invalid_header_among_valid_ones_is_rejected():
    assert "'x-b'" in message_of(normalize_headers, {"x-a": "1", "x-b": "é", "x-c": "1"})


def test_query_has_text_numbers_and_lists_of_these():
    query = {"a b": "c&d=é", "n": [1, 2.5], "pair": ("a", None), "t": True, "none": None, "empty": []}
    assert validate_query(query) == query


@pytest.mark.parametrize("value", [{"b": 1}, object(), b"a", [["a"]], ["a", {}], "\ud800", ["a", "\ud800"]])
def test_invalid_query_value_is_rejected(value):
    expected = "extra_query: invalid value of 'a'; expected text, a number, or a list of these"
    assert message_of(validate_query, {"a": value}) == expected


def test_query_name_that_is_not_unicode_is_rejected():
    assert message_of(validate_query, {"\ud800": 1}).startswith("extra_query: invalid value of ")


class Name(str, Enum):  # noqa: UP042 - `str` of its member is "Name.A"
    A = "a"


def test_enum_is_its_value():
    """In a header, and in a query."""
    assert [type(value) for value in normalize_headers({"x-a": Name.A}).values()] == [str]
    query = validate_query({"a": Name.A, "b": [Name.A]})
    options = {"stream": False, "extra_headers": {}, "extra_body": {}}
    assert build_request(operations.LIST_MODELS, None, extra_query=query, **options).target == "/v1/models?a=a&b=a"
