"""A user's tests with the kit for them. Type checkers read it; it never runs."""

from typing import assert_type

from pydantic import BaseModel

from polargrid import PolarGrid, PolarGridSync
from polargrid_testing import Answer, FakeEdge, Piece, ReceivedRequest, Rule, fake_edge, local_edge


class Person(BaseModel):
    name: str


def answer(request: ReceivedRequest) -> str:
    return request.text


def script_rules(polargrid_fake: FakeEdge) -> None:
    rule = polargrid_fake.chat("Hello", when="greet", times=1)
    assert_type(rule, Rule)
    assert_type(rule.requests, list[ReceivedRequest])
    polargrid_fake.chat(["one", {"content": "two"}, answer, Answer.json({})])
    polargrid_fake.chat(lambda request: request.text.upper(), when=lambda request: request.text == "x")
    polargrid_fake.chat(Person(name="Ada"))
    polargrid_fake.chat(parsed=Person(name="Ada"), delay=[0.1, 0.2])
    polargrid_fake.chat(tool_calls=[{"name": "f", "arguments": {"n": 1}}])
    polargrid_fake.completion(answer)
    polargrid_fake.speech(seconds=0.5)
    polargrid_fake.speech(b"ID3")
    polargrid_fake.transcription({"text": "Hello", "language": "en"})
    polargrid_fake.embedding([0.1, 0.2])
    polargrid_fake.embedding([[0.1], [0.2]])
    polargrid_fake.on("health").respond({"status": "healthy"}, status=200)
    polargrid_fake.on("health").respond(lambda request: Answer(200, {}, (Piece(request.body, 0.1),)))
    with polargrid_fake.fault("stream-cut", after=3, on="chat_completion") as fault:
        assert_type(fault.uses, int)
    polargrid_fake.chat(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    polargrid_fake.speech("mp3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def use_contexts() -> None:
    with fake_edge() as fake, fake.client() as client:
        assert_type(fake, FakeEdge)
        assert_type(client, PolarGridSync)
        assert_type(fake.async_client(), PolarGrid)
        assert_type(fake.requests_for("health"), list[ReceivedRequest])
    with local_edge() as edge:
        assert_type(edge.url, str)
