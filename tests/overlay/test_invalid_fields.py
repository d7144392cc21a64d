"""Errors of Pydantic as those of the SDK: fields as the user wrote them, one arm of a union."""

from collections import UserDict

import pytest

from polargrid import ValidationError
from polargrid.tools import function_tool
from polargrid.types import Message, TextContentPart
from polargrid_codec import encoding
from polargrid_generated import operations

TEXT = {"type": "text", "text": "Hi"}


def build(request, **options):
    """Encode a chat request."""
    defaults = {"stream": False, "extra_headers": {}, "extra_query": {}, "extra_body": {}}
    return encoding.build_request(operations.CHAT_COMPLETION, request, **{**defaults, **options})


def message_of(fields):
    """The message for an invalid chat request, which names each field once."""
    request = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}
    with pytest.raises(ValidationError) as caught:
        build(request)
    error = caught.value
    fields = [detail["field"] for detail in error.details]
    assert error.param == fields[0]
    assert len(fields) == len(set(fields))
    return error.message


CONTENTS = [
    ([{"type": "image", "text": "Hi"}], "0.type: unknown 'image'; expected one of: image_url, text"),
    ([TEXT, {"type": "text"}], "1.text: Field required"),
    ([TEXT, {"type": "text", "text": 7}], "1.text: Input should be a valid string"),
    (
        [TextContentPart(type="text", text="Hi"), {"type": "image_url", "image_url": {}}],
        "1.image_url.url: Field",
    ),
    ([{"type": "image_url", "image_url": "https://a"}], "0.image_url: Input should be a valid dictionary"),
    ([{"text": "Hi"}], "0.type: Field required"),
    ([7], "0: Input should be a valid dictionary"),
]


@pytest.mark.parametrize(("content", "expected"), CONTENTS, ids=repr)
def test_content_part(content, expected):
    """The message is about the kind of part that its `type` names."""
    message = message_of({"messages": [{"role": "user", "content": content}]})
    assert message.startswith(f"messages.0.content.{expected}")
    assert "more)" not in message


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"messages": [{"role": "user", "content": 7}]},
            "messages.0.content: Input should be a valid string or a",
        ),
        ({"messages": [Message(role="user", content="Hi"), {}]}, "messages.1.role: Field required"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, "messages.0.content: "),
        ({"stop": [7]}, "stop.0: Input should be a valid string"),
        ({"stop": 7}, "stop: Input should be a valid string or a valid list"),
        ({"tool_choice": "all"}, "tool_choice: Input should be 'none', 'auto' or 'required'"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.function: Field required"),
        ({"tool_choice": {"type": "a", "function": {"name": "f"}}}, "tool_choice.type: Input should be 'function'"),
        ({"response_format": {"type": "json"}}, "response_format.type: Input should be"),
        ({"messages": ({"role": "user", "content": [{}]} for _ in range(1))}, "messages.0.content"),
    ],
    ids=lambda value: value if isinstance(value, str) else ", ".join(value),
)
def test_field(fields, expected):
    """It is named as in the request, without Pydantic's names for the arms of a union."""
    assert message_of(fields).startswith(expected)


def test_every_invalid_field():
    """Only the arms that were not meant are left out."""
    message = message_of({"messages": [{"role": "user", "content": [{"type": "text"}, {"type": "a"}]}], "stop": 7})
    assert message == "messages.0.content.0.text: Field required (and 2 more)"


def test_arguments_of_a_tool():
    """They are JSON text."""

    def search(where: int | list[str]) -> None:
        """Search."""

    with pytest.raises(ValidationError, match=r"^where\.0: Input should be a valid string$"):
        function_tool(search).invoke('{"where": [7]}')
    with pytest.raises(ValidationError, match=r"^where: "):
        function_tool(search).invoke("{}")
    with pytest.raises(ValidationError, match=r"^the arguments: Invalid JSON"):
        function_tool(search).invoke("{")


def test_many_invalid_fields():
    """The message has their number, `details` the first ones."""
    with pytest.raises(ValidationError, match=r"^messages\.0\.role: .* \(and 2999 more\)$") as caught:
        build({"model": "m", "messages": [{"role": "a"}] * 3000})
    assert len(caught.value.details) == 100


def test_mapping_that_raises():
    """What a mapping of the caller raises is a ValidationError."""

    class Broken(UserDict):
        def __getitem__(self, _name):
            raise LookupError("broken")

    for options in ({}, {"extra_body": {"a": 1}}):
        with pytest.raises(ValidationError, match=r"^ChatCompletionRequest: cannot read it: broken"):
            build(Broken(model="m", messages=[]), **options)
