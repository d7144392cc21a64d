"""The command in a terminal: the interactive chat, and escaped control characters."""

import json

from tests.cli.servers import (
    DONE,
    HEALTH,
    chunk,
    healthy,
    reject,
    reject_once,
    respond,
    route,
    stream,
    stream_chat,
    stream_chat_and_wait,
)

CTRL_C, CTRL_D = "\x03", "\x04"
PROMPT = "\x1b[?2004h"  # the prompt reads a line: from here on the terminal marks what is pasted


def read_messages(request):
    """Return role and content of the messages in a request."""
    return [(message["role"], message["content"]) for message in json.loads(request.body)["messages"]]


def test_a_chat_remembers_its_messages(open_terminal, start_server):
    """The second request contains the first question and its response; an empty line sends none."""
    server = start_server(stream_chat("Salut."), stream_chat("Bien."))
    terminal = open_terminal("chat", "-s", "Speak French.", url=server.url)
    for question in ("Hello.", "", "How are you?"):
        terminal.read_until(PROMPT)
        terminal.type(f"{question}\n")
    terminal.read_until("Bien.")
    terminal.read_until(PROMPT)
    terminal.type(CTRL_D)
    assert terminal.wait() == 0
    first = [("system", "Speak French."), ("user", "Hello.")]
    second = [*first, ("assistant", "Salut."), ("user", "How are you?")]
    assert [read_messages(request) for request in server.requests] == [first, second]


def test_a_chat_into_a_file_separates_prompt_and_responses(open_terminal, start_server, tmp_path):
    """The responses are in the file, the prompt is on the screen."""
    server = start_server(stream_chat("Salut."))
    with (tmp_path / "responses").open("wb") as file:
        terminal = open_terminal("chat", url=server.url, stdout=file)
    for line in ("Hello.\n", "\n", CTRL_D):
        terminal.read_until(PROMPT)
        terminal.type(line)
    assert terminal.wait() == 0
    assert (tmp_path / "responses").read_text() == "Salut.\n"


def test_ctrl_c_stops_a_response(open_terminal, start_server):
    """The chat continues, with the part of the response that was printed."""
    server = start_server(stream_chat_and_wait("It was"), stream_chat("Well."))
    terminal = open_terminal("chat", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type("Describe it.\n")
    terminal.read_until("It was")
    terminal.interrupt()
    terminal.read_until(PROMPT)
    terminal.type("Go on.\n")
    terminal.read_until("Well.")
    expected = [("user", "Describe it."), ("assistant", "It was"), ("user", "Go on.")]
    assert read_messages(server.requests[1]) == expected
    assert "Traceback" not in terminal.screen


def test_ctrl_c_at_the_prompt_ends_the_chat(open_terminal, start_server):
    """The exit status is 130, without a message."""
    server = start_server(stream_chat("Hi"))
    terminal = open_terminal("chat", url=server.url)
    terminal.read_until(PROMPT)
    terminal.interrupt()
    assert terminal.wait() == 130
    assert "Traceback" not in terminal.screen
    assert server.requests == []


def test_a_failed_question_is_forgotten(open_terminal, start_server):
    """The error is printed, and the chat continues without the question."""
    server = start_server(reject_once("404 Not Found"), stream_chat("Well."))
    terminal = open_terminal("chat", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type("One.\n")
    terminal.read_until("404")
    terminal.read_until(PROMPT)
    terminal.type("Two.\n")
    terminal.read_until("Well.")
    assert read_messages(server.requests[-1]) == [("user", "Two.")]


def test_an_authentication_error_ends_the_chat(open_terminal, start_server):
    """Every other question would fail, too."""
    server = start_server(reject("401 Unauthorized", "invalid_api_key"))
    terminal = open_terminal("chat", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type("One.\n")
    assert terminal.wait() == 3


def test_an_empty_response_prints_nothing(open_terminal, start_server):
    """The chat continues."""
    server = start_server(stream(chunk(None, "stop"), DONE))
    terminal = open_terminal("chat", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type("One.\n")
    terminal.read_until(PROMPT)
    terminal.type(CTRL_D)
    assert terminal.wait() == 0


def test_control_characters_of_a_response_are_escaped(open_terminal, start_server):
    """Also if a sequence is split between two chunks; letters and joiners of all scripts are unchanged."""
    server = start_server(stream_chat("\x1b", "]0;owned\x07", "\x9b31m\r\x7f\u202e", " é 👩\u200d👧 tab\t."))
    terminal = open_terminal("chat", "Hi", "--no-markdown", url=server.url)
    assert terminal.wait() == 0
    assert terminal.screen == "\\u001b]0;owned\\u0007\\u009b31m\\r\\u007f\\u202e é 👩\u200d👧 tab\t.\r\n"


def test_control_characters_in_a_table_are_escaped(open_terminal, start_server):
    """The name of a node is data of the server."""
    server = start_server(respond({**HEALTH, "node": "\x1b[2Jyvr [bold]"}))
    terminal = open_terminal("health", url=server.url)
    assert terminal.wait() == 0
    assert "\\u001b[2Jyvr [bold]" in terminal.screen
    assert "\x1b[2J" not in terminal.screen


def test_no_color_disables_colours(open_terminal, start_server):
    """A terminal gets colours by default."""
    server = start_server(route(healthy))
    coloured, plain = open_terminal("doctor", url=server.url), open_terminal("doctor", url=server.url, NO_COLOR="1")
    assert (coloured.wait(), plain.wait()) == (0, 0)
    assert "\x1b[32mok" in coloured.screen
    assert "\x1b[32m" not in plain.screen


def test_audio_is_not_written_to_a_terminal(open_terminal, closed_url):
    """No request is sent."""
    terminal = open_terminal("speak", "Hi", url=closed_url)
    assert terminal.wait() == 2
    assert "name a file with -o" in terminal.screen


def test_an_interactive_chat_has_no_json(open_terminal, closed_url):
    """--json needs a question."""
    assert open_terminal("chat", "--json", url=closed_url).wait() == 2
