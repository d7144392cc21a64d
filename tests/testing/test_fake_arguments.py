"""Wrong arguments of the kit: the error names the argument and the value, where the test passes it."""

import math

import pytest

from polargrid_testing import Answer, FakeEdge


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (lambda fake: fake.chat("a", times=True), "times: expected a whole number, or None for always, got True"),
        (lambda fake: fake.chat("a", times="2"), "times: expected a whole number"),
        (lambda fake: fake.chat("a", times=1.5), "times: expected a whole number"),
        (lambda fake: fake.fault("stall", times=True), "times: expected a whole number"),
        (lambda fake: fake.fault("stall", times=-1), "times: -1 is out of range"),
        (lambda fake: fake.fault(3), "expected the name of a fault, got 3"),
        (lambda fake: fake.fault("stall", on=3), "expected the operationId of an operation, got 3"),
        (
            lambda fake: fake.fault("latency", seconds=-1),
            "option 'seconds': Input should be greater than or equal to 0",
        ),
        (lambda fake: fake.fault("latency", seconds=math.nan), "option 'seconds'"),
        (lambda fake: fake.fault("stream-cut", after=-1), "option 'after': Input should be greater than or equal to 0"),
        (lambda fake: fake.chat("a", delay=None), "delay: expected a number, got None"),
        (lambda fake: fake.chat("a", delay="soon"), "delay: expected a number, got 'soon'"),
        (lambda fake: fake.chat("a", delay=math.inf), "delay: inf is out of range"),
        (lambda fake: fake.chat("a", delay=[0, math.nan]), "delay: nan is out of range"),
        (lambda fake: fake.chat(b"a"), "cannot answer a chat with b'a'"),
        (lambda fake: fake.chat({"content": 3}), "content: expected a text, got 3"),
        (lambda fake: fake.chat({"tool_calls": [3]}), "tool_calls: 3 has no name"),
        (lambda fake: fake.chat({"choices": 3}), "choices: expected a list of mappings, got 3"),
        (lambda fake: fake.chat({"choices": [{"message": 3}]}), "message: expected a mapping, got 3"),
        (lambda fake: fake.chat(tool_calls={"name": "f"}), "tool_calls: expected a list"),
        (lambda fake: fake.chat(tool_calls=[{"function": "f"}]), "has no name"),
        (lambda fake: fake.chat("a", usage=3), "usage: expected a mapping"),
        (lambda fake: fake.completion({"choices": [3]}), "choices: expected a list of mappings"),
        (lambda fake: fake.completion(b"a"), "cannot answer a completion"),
        (lambda fake: fake.speech(True), "cannot answer speech with True"),
        (lambda fake: fake.speech(seconds=None), "seconds: expected a number, got None"),
        (lambda fake: fake.speech(seconds=math.inf), "seconds: inf is out of range"),
        (lambda fake: fake.speech(1e12), "at most 3600"),
        (lambda fake: fake.speech(chunks=["a"]), "chunks: expected a list of bytes"),
        (lambda fake: fake.transcription("a", duration="1"), "duration: expected a number, got '1'"),
        (lambda fake: fake.transcription("a", polls=1.5), "polls: expected a whole number, got 1.5"),
        (lambda fake: fake.transcription({"text": "a", "segments": "a"}), "segments: expected a list of texts"),
        (lambda fake: fake.on(None), "expected the operationId of an operation, got None"),
        (lambda fake: fake.on("health").respond(status="200"), "status: expected a number such as 200, got '200'"),
        (lambda fake: fake.on("health").respond(headers=[("a", "b")]), "headers: expected a mapping"),
        (lambda fake: fake.on("health").respond(headers={"a b": "c"}), "headers: invalid name 'a b'"),
        (lambda fake: fake.on("health").respond(headers={"a": "✓"}), "headers: invalid value of 'a': '✓'"),
        (
            lambda fake: fake.on("health").respond(headers={"Content-Length": "3"}),
            "'Content-Length' is set by the body",
        ),
        (lambda fake: fake.on("health", validate=False).respond(Answer(0)), "status: 0 is out of range"),
        (lambda fake: fake.on("health", validate=False).respond(Answer(200, {}, "a")), "body: expected bytes"),
        (lambda fake: fake.on("health", validate=False).respond(Answer(200, {}, (b"a",))), "body: expected bytes"),
    ],
)
def test_argument(fake, script, message):
    """Of what scripts a fake."""
    with pytest.raises((TypeError, ValueError)) as caught:
        script(fake)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 70_000}, "port: 70000 is out of range; expected 0 to 65535"),
        ({"port": "80"}, "port: expected a number, got '80'"),
        ({"api_key": ""}, "api_key: '' cannot be sent"),
        ({"api_key": "a b"}, "api_key: 'a b' cannot be sent"),
        ({"api_key": 3}, "api_key: expected a text, got 3"),
    ],
)
def test_options_of_a_fake(options, message):
    """Of the fake itself."""
    with pytest.raises((TypeError, ValueError), match=message):
        FakeEdge(**options)


def test_without_record(connect):
    """A fake that runs for long keeps neither requests nor what went wrong; its messages tell that."""
    messages = []
    with FakeEdge(record=False, on_unscripted=messages.append) as fake:
        fake.chat(["one", "two"])
        fake.completion(lambda _request: 1 // 0)
        client = connect(base_url=fake.url, api_key=fake.api_key, max_retries=0)
        chat = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
        assert [client.chat_completion(chat).choices[0].message.content for _ in range(3)] == ["one", "two", "two"]
        for call in (client.list_models, lambda: client.completion({"model": "m", "prompt": "x"})):
            with pytest.raises(Exception, match=r"unscripted|script of this test"):
                call()
        assert fake.requests == []
    assert [message.partition(" ")[0] for message in messages] == ["GET", "the"]
