"""Scripts in files, as YAML and JSON, and what is wrong with them."""

import json

import pytest

from polargrid_testing import FakeEdge
from polargrid_testing.fake.script import ScriptError, apply_script, read_script

SCRIPT = """\
key: pg_test
rules:
  - chat: any
  - chat: [No., yes, on]
    when: list
  - chat:
    chunks: [Hel, lo]
    when: chunks
  - completion: " done"
  - speech:
    file: tone.wav
  - transcription: {text: Bonjour, language: fr}
    polls: 0
  - embedding: [1, 0]
  - on: list_models
    respond: {object: list, data: []}
  - on: health
    responses:
      - error: {message: Busy., type: rate_limit_error, code: busy}
    status: 429
    headers: {retry-after: "7"}
faults:
  - fault: error
    on: get_usage
    times: null
    status: 418
"""


@pytest.fixture
def apply(tmp_path, fake):
    """Applies the text of a script to the fake."""

    def apply_text(text, name="script.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        apply_script(read_script(file), fake)

    return apply_text


def ask(client, text):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model="m", messages=messages).choices[0].message.content


@pytest.mark.parametrize("as_json", [False, True])
def test_script(client, fake, apply, tmp_path, as_json):
    """Its rules and faults are those of the fake; `on` and `yes` are texts; a file is relative to the script."""
    (tmp_path / "tone.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    text = SCRIPT
    if as_json:
        from polargrid_testing.fake.located_yaml import read_located

        text = json.dumps(read_located(SCRIPT, "x").value, indent="\t")
    apply(text)
    assert [ask(client, "list"), ask(client, "list"), ask(client, "list")] == ["No.", "yes", "on"]
    assert [ask(client, "chunks"), ask(client, "x")] == ["Hello", "any"]
    assert client.completion({"model": "m", "prompt": "x"}).choices[0].text == " done"
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="x", response_format="wav")
    assert speech.content == b"RIFF\0\0\0\0WAVE"
    assert client.audio.transcriptions.create(model="w", file=b"RIFF").text == "Bonjour"
    assert client.embeddings.create(model="m", input="x").data[0].embedding == [1, 0]
    assert list(client.models.list()) == []
    with pytest.raises(Exception, match="Busy") as caught:
        client.health()
    assert caught.value.retry_after == 7
    for _ in range(2):
        with pytest.raises(Exception, match="418"):
            client.usage.retrieve()


def test_examples(client, apply):
    """With `examples`, what no rule answers gets its example."""
    apply("examples: true")
    assert client.health().status == "healthy"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "the file is empty"),
        ("- chat: x", "1:1", "expected a mapping with `rules`"),
        ("rules: [", "1:9", "invalid YAML"),
        ("rules:\n  chat: x", "1:1", "rules: expected a list"),
        ("rules:\n  - x", "2:5", "rules: expected a mapping, got 'x'"),
        ("rule: []", "1:1", "unknown field 'rule'; did you mean 'rules'?"),
        ("rules: []\nrules: []", "2:1", "'rules' is there twice"),
        ("key: 3", "1:1", "key: expected a text, got 3"),
        ("examples: yes", "1:1", "examples: expected true or false, got 'yes'"),
        ("rules:\n  - when: x", "2:5", "expected one of chat, completion"),
        ("rules:\n  - chat: x\n    completion: y", "2:5", "got chat, completion"),
        ("rules:\n  - chat: x\n    wen: y", "3:5", "unknown field 'wen'; did you mean 'when'?"),
        ("rules:\n  - chat: x\n    delay: soon", "3:5", "delay: Input should be a valid number, got 'soon'"),
        ("rules:\n  - chat: x\n    when: 3", "3:5", "when: Input should be a valid string, got 3"),
        ("rules:\n  - chat: x\n    times: 0", "3:5", "times: 0 is out of range"),
        ("rules:\n  - chat: 3", "2:5", "cannot answer a chat with 3"),
        ("rules:\n  - speech:\n    file: none.wav", "2:5", "No such file"),
        ("rules:\n  - on: list_model", "2:5", "unknown operation 'list_model'; did you mean 'list_models'?"),
        ("rules:\n  - on: health\n    respond: {}", "2:5", "health: invalid answer: the body: expected a field"),
        ("rules:\n  - on: health\n    respond: {}\n    responses: []", "4:5", "got both"),
        ("rules:\n  - on: health\n    responses: {}", "3:5", "responses: expected a list"),
        ("rules:\n  - on: health\n    chunks: []", "3:5", "unknown field 'chunks'"),
        ("rules:\n\t- chat: x", "2:1", "cannot start any token"),
        ('rules:\n  - chat: "\0"', "2:12", "special characters are not allowed"),
        ("rules: &a\n  - *a", "1:8", "nested too deeply"),
        ("rules: &a [x, x]\nfaults: &b [" + "*a, " * 9 + "*a]\nkey: [" + "*b, " * 9999 + "*b]", "1:12", "its aliases"),
        ("rules: " + "[" * 2000 + "]" * 2000, "1:1", "nested too deeply"),
        ("rules:\n  - chat: x\n    times: " + "9" * 5000, "1:1", "invalid YAML: Exceeds the limit"),
        ("rules:\n  - chat: x\n    delay: .nan", "3:5", "delay: nan is out of range"),
        ("rules:\n  - chat: {tool_calls: [{function: f}]}", "2:5", "has no name"),
        ("rules:\n  - on: health\n    status: ok", "3:5", "status: expected a number such as 200, got 'ok'"),
        ("rules:\n  - on: health\n    headers: [a]", "3:5", "headers: expected a mapping"),
        ("rules:\n  - on: [health]", "2:5", "expected the operationId of an operation, got ['health']"),
        ("rules:\n  - speech:\n    file: [a]", "3:5", "file: expected a path, got ['a']"),
        ("rules:\n  - speech: 2\n    file: a.wav", "3:5", "got both"),
        ("key: ''", "1:1", "key: '' cannot be sent"),
        (
            "faults:\n  - fault: stall\n    times: yes",
            "3:5",
            "times: expected a whole number, or None for always, got 'yes'",
        ),
        ("faults:\n  - on: health", "2:5", "expected `fault` with the name"),
        ("faults:\n  - fault: stream-cutt", "2:5", "did you mean 'stream-cut'"),
        ("faults:\n  - fault: stream-cut\n    aftr: 3", "2:5", "unknown option 'aftr'"),
    ],
)
def test_invalid_script(apply, tmp_path, text, place, message):
    """The error has the file, the line and the column, the value, and what to do."""
    with pytest.raises(ScriptError) as caught:
        apply(text)
    assert str(caught.value).startswith(f"{tmp_path / 'script.yaml'}:{place}: ")
    assert message in str(caught.value)


def test_not_utf8(tmp_path):
    """It is an error of its own."""
    file = tmp_path / "script.yaml"
    file.write_bytes(b"rules: \xff")
    with FakeEdge() as fake, pytest.raises(ScriptError, match="not UTF-8"):
        apply_script(read_script(file), fake)


def test_scalars(fake, apply):
    """They are those of YAML 1.2: times of the day and dates are texts, and a tab in a text stays a tab."""
    texts = ["12:30", "1_000", "2026-01-01", "no"]
    apply("rules:\n" + "".join(f"  - chat: {text}\n    when: w{text}\n" for text in texts))
    apply("rules:\n  - chat: |\n      def f():\n      \treturn 1\n    delay: 1e-9\n    when: code\n")
    apply("rules:\n  - on: list_models\n    respond: {object: list, data: [], x: [0123, 0x1F, 1e3, .5]}\n")
    with fake.client() as client:
        assert [ask(client, f"w{text}") for text in texts] == texts
        assert ask(client, "code") == "def f():\n\treturn 1\n"
        assert client.models.list().model_dump()["x"] == [123, 31, 1000.0, 0.5]


def test_json_escapes(fake, apply):
    """A character of JSON may be two escapes."""
    apply(json.dumps({"rules": [{"chat": "😀"}]}))
    with fake.client() as client:
        assert ask(client, "x") == "😀"


def test_bytes_of_a_fault(fake, apply):
    """They are a text."""
    apply("faults:\n  - fault: raw\n    data: hello")
    assert fake._handler.faults[0].bound.options == {"data": b"hello"}


def test_aliases(fake, apply):
    """A rule may repeat another one, and change a part of it."""
    apply("rules:\n  - &base\n    chat: a\n    when: one\n  - <<: *base\n    when: two\n")
    with fake.client() as client:
        assert [ask(client, "one"), ask(client, "two")] == ["a", "a"]
