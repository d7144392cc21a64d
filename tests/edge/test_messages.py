"""Messages in every form that OpenAI's API takes."""

from __future__ import annotations

from typing import Any

import pytest

from polargrid_edge.backends.messages import convert_messages
from polargrid_edge.backends.request_error import InvalidFieldError

Json = dict[str, Any]

FUNCTION = {"name": "add", "arguments": "{}"}
CALL = {"id": "c1", "type": "function", "function": FUNCTION}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "developer", "content": "Be brief."}, {"role": "system", "content": "Be brief."}),
        ({"role": "user", "content": "Hi", "name": "ann"}, {"role": "user", "content": "Hi", "name": "ann"}),
        ({"role": "user", "content": None}, {"role": "user", "content": ""}),
        ({"role": "assistant"}, {"role": "assistant", "content": ""}),
        ({"role": "assistant", "content": None, "refusal": "No."}, {"role": "assistant", "content": "No."}),
        ({"role": "assistant", "content": "Hi", "refusal": None, "audio": None, "function_call": None},
         {"role": "assistant", "content": "Hi"}),
        ({"role": "assistant", "content": "Hi", "audio": {"id": "a1"}}, {"role": "assistant", "content": "Hi"}),
        ({"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
         {"role": "assistant", "content": [{"type": "text", "text": "No."}]}),
        ({"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "function": FUNCTION}]},
         {"role": "assistant", "content": None, "tool_calls": [CALL]}),
        ({"role": "tool", "tool_call_id": "c1", "content": None},
         {"role": "tool", "tool_call_id": "c1", "content": ""}),
    ],
)  # fmt: skip
def test_a_message_is_taken(message: Json, expected: Json) -> None:
    """As what a chat template knows."""
    assert convert_messages([message]) == [expected]


def test_older_calls_get_ids() -> None:
    """By which their results refer to them."""
    call = {"role": "assistant", "content": None, "function_call": FUNCTION}
    result = {"role": "function", "name": "add", "content": "3"}
    first, answer, second, last = convert_messages([call, result, call, result])
    assert (first["tool_calls"][0]["id"], second["tool_calls"][0]["id"]) == ("function_1", "function_2")
    assert first["tool_calls"][0] | {"id": ""} == {"id": "", "type": "function", "function": FUNCTION}
    assert answer == {"role": "tool", "name": "add", "content": "3", "tool_call_id": "function_1"}
    assert last["tool_call_id"] == "function_2"


@pytest.mark.parametrize(
    ("message", "param", "advice"),
    [
        ({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]},
         "messages[1].content[1]", "reads text only; describe the image"),
        ({"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]},
         "messages[1].content[0]", "/v1/audio/transcriptions"),
        ({"role": "user", "content": [{"type": "file", "file": {}}]}, "messages[1].content[0]", "the text of the file"),
        ({"role": "user", "content": [{"type": "noise"}]}, "messages[1].content[0]", "unsupported part 'noise'"),
        ({"role": "assistant", "content": None, "audio": {"id": "a1"}}, "messages[1].audio", "send the transcript"),
        ({"role": "robot", "content": "x"}, "messages[1]", "role must be one of"),
    ],
)  # fmt: skip
def test_what_a_model_cannot_read_is_named(message: Json, param: str, advice: str) -> None:
    """With what to do instead."""
    with pytest.raises(InvalidFieldError, match=advice) as caught:
        convert_messages([{"role": "user", "content": "Hi"}, message])
    assert caught.value.param == param
