"""chat and complete, with a model that answers."""

import json

import pytest

MODEL = ("-m", "smollm2-135m", "--temperature", "0", "--max-tokens", "12")


def test_an_answer(invoke, edge):
    """The answer is on stdout, on lines of its own; that it was cut is said beside it."""
    told = invoke("chat", "Count", "from", "one", "to", "a", "hundred.", *MODEL, url=edge.url)
    assert told.exit_code == 0
    assert told.stdout.strip()
    assert told.stdout.endswith("\n")
    assert "--max-tokens" in told.stderr


def test_streamed_or_not_it_is_the_same_answer(invoke, edge):
    """--no-stream changes when it is printed, not what."""
    question = ("chat", "What is the capital of Canada?", *MODEL)
    assert invoke(*question, url=edge.url).stdout == invoke(*question, "--no-stream", url=edge.url).stdout


def test_a_question_from_stdin(invoke, edge):
    """A pipe, or `-`, is the question, as if it stood among the words."""
    asked = invoke("chat", "What is the capital of Canada?", *MODEL, url=edge.url)
    piped = invoke("chat", *MODEL, url=edge.url, stdin="What is the capital of Canada?\n")
    dashed = invoke("chat", "-", *MODEL, url=edge.url, stdin="What is the capital of Canada?\n")
    assert asked.stdout == piped.stdout == dashed.stdout


def test_json(invoke, edge):
    """--json is the API's answer."""
    answer = json.loads(invoke("chat", "Hi", "--json", *MODEL, url=edge.url).stdout)
    assert answer["object"] == "chat.completion"
    assert answer["usage"]["completion_tokens"] <= 12


def test_complete(invoke, edge):
    """A text is continued; as JSON the same."""
    told = invoke("complete", "Once upon a time", *MODEL, url=edge.url)
    answer = json.loads(invoke("complete", "Once upon a time", "--json", *MODEL, url=edge.url).stdout)
    assert answer["choices"][0]["text"].rstrip("\n") == told.stdout.rstrip("\n")


@pytest.mark.parametrize(
    ("words", "stdin", "reason"),
    [
        (["chat"], "", "no text"),
        (["chat", "  "], "", "no text"),
        (["chat", "-", "-"], "x", "only once"),
        (["chat", "-"], b"\xff\xfe", "no UTF-8"),
        (["complete"], "\n", "no text"),
        (["chat", "Hi", "--temperature", "hot"], "", "not a valid float"),
        (["chat", "Hi", "--temperature", "9"], "", "temperature: Input should be less than or equal to 2"),
    ],
)
def test_what_cannot_be_asked(invoke, words, stdin, reason):
    """Wrong usage is told before anything is sent."""
    told = invoke(*words, url="http://127.0.0.1:9", stdin=stdin)
    assert told.exit_code == 2
    assert reason in told.stderr


def test_what_is_sent(invoke, serve):
    """Words and stdin make one message, the system's before it; what was not given is not sent."""
    from tests.cli.edges import chat_answer

    edge = serve(chat_answer("Yes."))
    told = invoke("chat", "Sum", "up:", "-", "-s", "Be short.", "--stop", "x", url=edge.url, stdin="one\ntwo\n")
    assert told.stdout == "Yes.\n"
    assert json.loads(edge.requests[0].body) == {
        "model": "llama-3.1-8b",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Sum up:\n\none\ntwo"},
        ],
        "stop": ["x"],
        "stream": True,
    }
