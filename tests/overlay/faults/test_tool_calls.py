"""Tool calls of a stream: each delta belongs to one call, or is an error."""

import json

import pytest

from polargrid import ServerError, StreamInterruptedError
from polargrid.errors import LengthFinishReasonError
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import CHAT, DONE, chunk, stream


def call(arguments=None, name=None, **fields):
    """A delta of a tool call."""
    function = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    return {**fields, "function": function}


def deltas(*calls, reason=None):
    """An event of a streamed chat with deltas of tool calls."""
    choice = {"index": 0, "delta": {"tool_calls": list(calls)}, "finish_reason": reason}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


FINISHED = chunk(finish_reason="tool_calls")
A, B = ("a", "f", '{"q":1}'), ("b", "g", '{"q":2}')
ONE = call('{"q"', "f", index=0, id="a"), call(":1}", index=0)
CALLS = {
    "other id, same index": [call('{"q":1}', "f", index=0, id="a"), call('{"q":2}', "g", index=0, id="b")],
    "other id, same index, in parts": [*ONE, call('{"q":', "g", index=0, id="b"), call("2}", index=0)],
    "other id, no index": [call('{"q":1}', "f", id="a"), call('{"q":2}', "g", id="b")],
    "no index, in parts": [call("", "f", id="a"), call('{"q"'), call(":1}"), call('{"q":', "g", id="b"), call("2}")],
    "ids in each delta, interleaved": [
        *(call('{"q"', "f", id="a"), call('{"q"', "g", id="b"), call(":1}", id="a"), call(":2}", id="b")),
    ],
    "ids and names in each delta": [
        *(call('{"q"', "f", index=0, id="a"), call('{"q"', "g", index=1, id="b")),
        *(call(":1}", "f", index=0, id="a"), call(":2}", "g", index=1, id="b")),
    ],
    "indexes interleaved, second first": [
        *(call('{"q"', "g", index=1, id="b"), call('{"q"', "f", index=0, id="a")),
        *(call(":2}", index=1), call(":1}", index=0, id="")),
    ],
    "id after the name": [*(call("", "f", index=0), call('{"q":1}', index=0, id="a")), call('{"q":2}', "g", id="b")],
}
WITHOUT_IDS = {
    "by index": [call('{"q":1}', "f", index=0), call('{"q":2}', "g", index=1)],
    "same index": [call('{"q":1}', "f", index=0), call('{"q":2}', "g", index=0)],
    "nothing": [call('{"q":1}', "f"), call('{"q":', "g"), call("2}")],
}


def read(connect_to, *events):
    """Return id, name and arguments of the calls that a stream amounts to."""
    final = connect_to(stream(*events)).chat.completions.stream(**CHAT).get_final_completion()
    return [(item.id, item.function.name, item.function.arguments) for item in final.choices[0].message.tool_calls]


@pytest.mark.parametrize("name", CALLS)
@fault(
    "stream",
    "Two tool calls have one index or none, are interleaved, or repeat id and name in each delta",
    result="two calls: a new id starts a new call",
    line='fake.fault("stream-tool-calls", problem="interleaved")',
)
def test_two_calls(connect_to, name):
    assert read(connect_to, *map(deltas, CALLS[name]), FINISHED, DONE) == [A, B]
    assert read(connect_to, deltas(*CALLS[name], reason="tool_calls")) == [A, B]


@pytest.mark.parametrize("name", WITHOUT_IDS)
@fault(
    "stream",
    "Two tool calls have no ids",
    result="two calls: a name after complete arguments starts a new call",
    line='fake.fault("stream-tool-calls", problem="no-ids")',
)
def test_without_ids(connect_to, name):
    calls = read(connect_to, *map(deltas, WITHOUT_IDS[name]), FINISHED)
    assert [item[1:] for item in calls] == [A[1:], B[1:]]


@fault(
    "stream",
    "The same function is called twice at one index, without ids",
    result="two calls",
    line='fake.fault("stream-tool-calls", problem="same-function")',
)
def test_same_function(connect_to):
    calls = read(connect_to, deltas(call('{"q":1}', "f", index=0)), deltas(call('{"q":2}', "f", index=0)), FINISHED)
    assert [item[1:] for item in calls] == [("f", '{"q":1}'), ("f", '{"q":2}')]


@fault(
    "stream",
    "The arguments of a tool call hold brackets and quotes in strings",
    result="the call as it is",
    line='fake.fault("stream-tool-calls", problem="brackets")',
)
def test_brackets_in_strings(connect_to):
    text = json.dumps({"code": '}{"\\', "a": [{"b": "}"}, "{"]})
    parts = [deltas(call(part, index=0)) for part in text]
    assert read(connect_to, deltas(call("", "f", index=0, id="a")), *parts, FINISHED) == [("a", "f", text)]


@pytest.mark.parametrize("end", ['}{"q":2}', '} {"q":2', "}[2]"])
@fault(
    "stream",
    "One delta of a tool call ends its arguments and starts others",
    result="`ServerError`; the same as if they were two deltas",
    line='fake.fault("stream-tool-calls", problem="two-objects")',
)
def test_two_objects_in_a_delta(connect_to, expect_error, end):
    parts = [call('{"q":1', "f", index=0, id="a"), call(end, index=0)]
    with expect_error(ServerError, r"tool call 0 \(f\) has arguments of two calls"):
        read(connect_to, *map(deltas, parts), FINISHED, DONE)


@fault(
    "stream",
    "A bracket too many follows the arguments of a tool call",
    result="the call as the model wrote it",
    line='fake.fault("stream-tool-calls", problem="bracket-too-many")',
)
def test_bracket_too_many(connect_to):
    assert read(connect_to, deltas(call('{"q":1}}', "f", index=0, id="a")), FINISHED) == [("a", "f", '{"q":1}}')]


@pytest.mark.parametrize(
    "events",
    [
        [call('{"q":1}', "f", index=0, id="a"), call('{"q":2}', index=0)],
        [call('{"q":1}', "f", index=0, id="a"), call('{"q":1}', "f", index=0, id="a")],
        [call('{"q":1}', "f"), call('{"q":2}')],
        [call('{"q"', "f", index=0), call(":1}", "g", index=0)],
        [call('{"q"', "f", index=0, id="a"), call(":1}", "g", index=0, id="a")],
    ],
    ids=["no name", "sent twice", "no id or index", "other name", "other name of an id"],
)
@fault(
    "stream",
    "A delta of a tool call fits none: a second object for one call, or another name",
    result="`ServerError` with the text so far in `partial`; no arguments are glued together",
    line='fake.fault("stream-tool-calls", problem="second-object")',
)
def test_delta_without_a_call(connect_to, expect_error, events):
    client = connect_to(stream(chunk("Wait."), *map(deltas, events), FINISHED, DONE))
    text_stream = client.chat.completions.stream(**CHAT)
    for _ in range(2):  # it fails again
        with expect_error(ServerError, "chat_completion: a delta does not continue tool call 0", partial="Wait."):
            text_stream.get_final_completion()
    with expect_error(ServerError, "a delta does not continue"):
        list(text_stream)


@fault(
    "stream",
    "A tool call has no name",
    result="`ServerError`",
    line='fake.fault("stream-tool-calls", problem="no-name")',
)
def test_no_name(connect_to, expect_error):
    with expect_error(ServerError, "tool call 0 has no name"):
        read(connect_to, deltas(call("{}", index=0, id="a")), FINISHED, DONE)


@fault(
    "stream",
    "`[DONE]` follows a tool call whose arguments are cut off, without a finish_reason",
    result="`StreamInterruptedError`",
    line='fake.fault("stream-tool-calls", problem="cut-off")',
)
def test_incomplete_arguments(connect_to, expect_error):
    with expect_error(StreamInterruptedError, r"stream ended inside the arguments of tool call 0 \(f\)"):
        read(connect_to, deltas(call('{"q": "', "f", index=0, id="a")), DONE)


@fault(
    "stream",
    "A tool call is cut off by `max_tokens`, with its finish_reason",
    result="`LengthFinishReasonError`; its `completion` has the call, whose JSON is invalid",
    line='fake.fault("stream-tool-calls", problem="max-tokens")',
)
def test_truncated_by_length(connect_to, expect_error):
    events = deltas(call('{"q": "', "f", index=0, id="a"), reason="length")
    with expect_error(LengthFinishReasonError, "^the text is incomplete: it is truncated; raise max_tokens") as caught:
        read(connect_to, events, DONE)
    (choice,) = caught.value.completion.choices
    assert choice.message.tool_calls[0].function.arguments == '{"q": "'


@fault(
    "stream",
    "A tool call has no arguments",
    result="the call; its arguments are empty",
    line='fake.fault("stream-tool-calls", problem="no-arguments")',
)
def test_no_arguments(connect_to):
    assert read(connect_to, deltas(call(None, "f", index=0, id="a")), DONE) == [("a", "f", "")]
