"""`chat` and `complete`."""

import json

import pytest

from tests.cli.servers import DONE, respond, stream, stream_chat

MESSAGE = {"role": "assistant", "content": "Ottawa."}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "length"}],
    "usage": USAGE,
}
COMPLETION = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "text": " flows", "finish_reason": "stop"}],
    "usage": USAGE,
}
TRUNCATED = "response truncated at the token limit; raise it with --max-tokens\n"


def stream_completion(*texts):
    """Stream a completion with these texts."""
    base = {**COMPLETION, "usage": None}
    chunks = [{**base, "choices": [{"index": 0, "text": text, "finish_reason": None}]} for text in texts]
    chunks.append({**base, "choices": [{"index": 0, "text": "", "finish_reason": "stop"}]})
    return stream(*[f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks], DONE)


def test_a_response_is_printed_on_its_own_lines(invoke, start_server):
    """The text goes to stdout, the note on its truncation to stderr."""
    server = start_server(stream_chat("Otta", "wa.", finish_reason="length"))
    result = invoke("chat", "What is the capital", "of Canada?", url=server.url)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Ottawa.\n", TRUNCATED)


def test_no_stream_prints_the_same_response(invoke, start_server):
    """--no-stream changes when the response is printed, not what is printed."""
    server = start_server(respond(CHAT))
    result = invoke("chat", "What is the capital of Canada?", "--no-stream", url=server.url)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Ottawa.\n", TRUNCATED)
    assert "stream" not in json.loads(server.requests[0].body)


def test_json_is_the_response(invoke, start_server):
    """--json prints the response of the API."""
    server = start_server(respond(CHAT))
    assert json.loads(invoke("chat", "Hi", "--json", url=server.url).stdout) == CHAT


@pytest.mark.parametrize(("words", "stdin"), [(["Hello", "there"], ""), ([], "Hello there\n"), (["-"], "Hello there")])
def test_a_question_is_words_or_stdin(invoke, start_server, words, stdin):
    """Words, stdin and `-` send the same question."""
    server = start_server(stream_chat("Hi."))
    invoke("chat", *words, url=server.url, stdin=stdin)
    assert json.loads(server.requests[0].body)["messages"] == [{"role": "user", "content": "Hello there"}]


def test_a_request_contains_the_options_that_are_set(invoke, start_server):
    """Words and stdin are one message, after the system message; other fields are left to the API's defaults."""
    server = start_server(stream_chat("Yes."))
    result = invoke("chat", "Sum", "up:", "-", "-s", "Be short.", "--stop", "x", url=server.url, stdin="one\ntwo\n")
    assert result.stdout == "Yes.\n"
    assert json.loads(server.requests[0].body) == {
        "model": "llama-3.1-8b",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Sum up:\n\none\ntwo"},
        ],
        "stop": ["x"],
        "stream": True,
    }


def test_complete_prints_the_continuation(invoke, start_server):
    """Streamed, complete and as JSON."""
    streamed = start_server(stream_completion(" fl", "ows"))
    complete = start_server(respond(COMPLETION))
    assert invoke("complete", "The river", url=streamed.url).stdout == " flows\n"
    assert invoke("complete", "The river", "--no-stream", url=complete.url).stdout == " flows\n"
    assert json.loads(invoke("complete", "The river", "--json", url=complete.url).stdout) == COMPLETION
    assert json.loads(streamed.requests[0].body) == {"model": "llama-3.1-8b", "prompt": "The river", "stream": True}


@pytest.mark.parametrize(
    ("words", "stdin", "message"),
    [
        (["chat"], "", "no text"),
        (["chat", "  "], "", "no text"),
        (["chat", "-", "-"], "x", "only once"),
        (["chat", "-"], b"\xff\xfe", "not valid UTF-8"),
        (["complete"], "\n", "no text"),
        (["chat", "Hi", "--temperature", "hot"], "", "not a valid float"),
        (["chat", "Hi", "--temperature", "9"], "", "temperature: Input should be less than or equal to 2"),
    ],
)
def test_invalid_input_is_rejected(invoke, closed_url, words, stdin, message):
    """No request is sent."""
    result = invoke(*words, url=closed_url, stdin=stdin)
    assert result.exit_code == 2
    assert message in result.stderr
