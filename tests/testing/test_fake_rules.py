"""Which rule answers a request, and how often."""

import pytest

from polargrid_testing import Answer, FakeEdge, fake_edge

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}


def ask(client, text="Hi", **options):
    response = client.chat.completions.create(
        model="llama-3.1-8b", messages=[{"role": "user", "content": text}], **options
    )
    return response.choices[0].message.content


def test_the_newest_rule_answers(client, fake):
    """Of the rules that match, the one that was added last."""
    fake.chat("old")
    fake.chat("new")
    assert ask(client) == "new"


def test_rule_that_does_not_match(client, fake):
    """`when` is a text of the last message, or a function of the request."""
    fake.chat("any")
    fake.chat("Ottawa", when="capital of Canada")
    fake.chat("cold", when=lambda request: request.json.get("temperature") == 0)
    assert ask(client, "What is the capital of Canada?") == "Ottawa"
    assert ask(client, "What?", temperature=0) == "cold"
    assert ask(client, "What?") == "any"


def test_times(client, fake):
    """A rule that is used up is not there any more."""
    fake.chat("always")
    fake.chat("once", times=1)
    assert [ask(client) for _ in range(3)] == ["once", "always", "always"]


def test_sequence(client, fake):
    """The answers of a list are given one after the other, the last again and again."""
    fake.chat(["one", {"content": "two"}, lambda request: request.text.upper()])
    assert [ask(client, "three") for _ in range(4)] == ["one", "two", "THREE", "THREE"]


def test_function_of_the_request(client, fake):
    """It gets the request, and returns a text, a message, a response or an Answer."""
    body = {"error": {"message": "No.", "type": "invalid_request_error", "code": "no"}}
    answers = iter(["text", {"content": "message"}, Answer.json(body, status=400)])
    rule = fake.chat(lambda _request: next(answers))
    assert [ask(client), ask(client)] == ["text", "message"]
    with pytest.raises(Exception, match="No"):
        ask(client)
    assert [request.operation for request in rule.requests] == ["chat_completion"] * 3


def test_sequence_of_an_operation(client, fake):
    """`respond` takes several answers, and a status and headers."""
    fake.on("list_models").respond({"object": "list", "data": []}, Answer.json({"object": "list", "data": []}))
    fake.on("health").respond(
        {"error": {"message": "Busy.", "type": "rate_limit_error", "code": "busy"}},
        status=429,
        headers={"retry-after": "7"},
    )
    assert list(client.models.list()) == list(client.models.list()) == []
    with pytest.raises(Exception, match="Busy") as caught:
        client.health()
    assert caught.value.retry_after == 7


def test_requests(client, fake):
    """Every request is recorded with its operation, key, headers and body."""
    fake.use_examples()
    ask(client, "one")
    client.models.retrieve("hexgrad/Kokoro-82M")
    client.audio.transcriptions.create(model="whisper-1", file=("a b.wav", b"RIFF\r\n--x\r\n"), prompt="Ada")
    chat, model, upload = fake.requests
    assert (chat.text, chat.json["model"]) == ("one", "llama-3.1-8b")
    assert chat.headers["authorization"] == f"Bearer {fake.api_key}"
    assert (model.operation, model.path) == ("retrieve_model", "/v1/models/hexgrad/Kokoro-82M")
    assert upload.form == {"model": "whisper-1", "prompt": "Ada"}
    assert (upload.files["file"].filename, upload.files["file"].data) == ("a b.wav", b"RIFF\r\n--x\r\n")
    assert fake.requests_for("transcribe") == [upload]


def test_examples_fit_the_request(client, fake):
    """What must be the same as in the request is."""
    fake.use_examples()
    assert client.models.retrieve("my-model").id == "my-model"
    assert client.models.load(model_name="my-model").model == "my-model"


def test_rules_before_examples(client, fake):
    """Examples answer only what no rule answers."""
    fake.chat("rule", when="rule")
    fake.use_examples()
    assert [ask(client, "rule"), ask(client)] == ["rule", "Hello! How can I help you?"]


def test_reset(client, fake):
    """It forgets rules, requests, jobs and what went wrong; ids start again."""
    fake.chat("one")
    assert ask(client) == "one"
    fake.reset()
    with pytest.raises(Exception, match="unscripted"):
        ask(client)
    fake.reset()
    fake.check()
    assert fake.requests == []


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (lambda fake: fake.chat(), "expected an answer"),
        (lambda fake: fake.chat([]), "expected at least one answer"),
        (lambda fake: fake.chat(3), "cannot answer a chat with 3"),
        (lambda fake: fake.chat("a", chunks=["b"]), "the chunks together are 'b', not the text 'a'"),
        (lambda fake: fake.chat(chunks="Hello"), "chunks: expected a list of texts"),
        (lambda fake: fake.chat("a", parsed={}), "got both"),
        (lambda fake: fake.chat("a", times=0), "times: 0"),
        (lambda fake: fake.chat("a", when=3), "when: expected a text or a function"),
        (lambda fake: fake.chat("a", delay=-1), "delay: -1"),
        (lambda fake: fake.chat(tool_calls=[{"arguments": {}}]), "has no name"),
        (lambda fake: fake.completion(3), "cannot answer a completion with 3"),
        (lambda fake: fake.speech(seconds=0), "seconds: 0"),
        (lambda fake: fake.speech("mp3"), "cannot answer speech with 'mp3'"),
        (lambda fake: fake.transcription({"words": []}), "cannot answer with the transcript"),
        (lambda fake: fake.transcription("a", polls=-1), "polls: -1"),
        (lambda fake: fake.embedding(["a"]), "data"),
        (lambda fake: fake.on("list_model"), "did you mean 'list_models'"),
        (lambda fake: fake.requests_for("xyz"), "expected one of: chat_completion"),
    ],
)
def test_invalid_script(fake, script, message):
    """It is rejected where it is written, with the value and what to do."""
    with pytest.raises((ValueError, TypeError), match=message):
        script(fake)


def test_ids_and_times_are_the_same_in_each_run(connect):
    """Two fakes give equal responses to equal requests."""
    responses = []
    for _ in range(2):
        with FakeEdge() as fake:
            fake.chat("Hello")
            client = connect(base_url=fake.url, api_key=fake.api_key)
            responses.append([client.chat.completions.create(**CHAT) for _ in range(2)])
    first, second = [[response.model_dump() for response in run] for run in responses]
    assert first == second
    assert [response["id"] for response in first] == ["chatcmpl-1", "chatcmpl-2"]


def test_environment(connect, monkeypatch):
    """`fake_edge` leads clients there by the environment, and restores it."""
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_other")
    with fake_edge() as fake:
        fake.chat("Hello")
        assert ask(connect(api_key=None)) == "Hello"
        assert fake.requests[0].headers["authorization"] == "Bearer pg_fake_key"
    import os

    assert (os.environ["POLARGRID_API_KEY"], "POLARGRID_BASE_URL" in os.environ) == ("pg_other", False)
