"""The command in a terminal: the talk, and what a screen may be sent."""

import json

from tests.cli.edges import chat_answer, chat_begins, refuses, refuses_once, serving, well
from tests.overlay.faults.edges import DONE, HEALTH, answer, chunk, streams

MODEL = ("-m", "smollm2-135m", "--temperature", "0", "--max-tokens", "8")


def _messages(received):
    return [(message["role"], message["content"]) for message in json.loads(received.body)["messages"]]


def test_a_talk(terminal, edge):
    """A model is asked twice and answers twice; Ctrl-D ends it."""
    talk = terminal("chat", *MODEL, url=edge.url)
    talk.until("> ")
    for _ in range(2):
        talk.type("Say hello.\n")
        answered = talk.until("\n> ")
        assert len(answered.replace("Say hello.", "").strip("\r\n> ")) > 0
    talk.type("\x04")
    assert talk.end() == 0


def test_a_talk_is_remembered(terminal, serve):
    """The second question goes with the first and its answer, after the system's message."""
    edge = serve(chat_answer("Salut."), chat_answer("Bien."))
    talk = terminal("chat", "-s", "Speak French.", url=edge.url)
    for question in ("Hello.", "", "How are you?"):
        talk.until("> ")
        talk.type(f"{question}\n")
    talk.until("Bien.")
    talk.until("> ")
    talk.type("\x04")
    assert talk.end() == 0
    asked = [("system", "Speak French."), ("user", "Hello.")]
    assert [_messages(request) for request in edge.requests] == [
        asked,
        [*asked, ("assistant", "Salut."), ("user", "How are you?")],
    ]


def test_a_talk_into_a_file(terminal, serve, tmp_path):
    """The answers stand in the file, the prompt on the screen."""
    edge = serve(chat_answer("Salut."))
    with (tmp_path / "answers").open("wb") as answers:
        talk = terminal("chat", url=edge.url, stdout=answers)
    for line in ("Hello.\n", "\n", "\x04"):
        talk.until("> ")
        talk.type(line)
    assert talk.end() == 0
    assert (tmp_path / "answers").read_text() == "Salut.\n"


def test_an_answer_is_interrupted(terminal, serve):
    """Ctrl-C ends the answer, not the talk; what was said of it is remembered."""
    edge = serve(chat_begins("It was"), chat_answer("Well."))
    talk = terminal("chat", url=edge.url)
    talk.until("> ")
    talk.type("Tell me.\n")
    talk.until("It was")
    talk.interrupt()
    talk.until("> ")
    talk.type("Go on.\n")
    talk.until("Well.")
    assert _messages(edge.requests[1]) == [("user", "Tell me."), ("assistant", "It was"), ("user", "Go on.")]
    assert "Traceback" not in talk.screen


def test_ctrl_c_at_the_prompt(terminal, serve):
    """It ends the talk as interrupted, and says nothing."""
    edge = serve(chat_answer("Hi"))
    talk = terminal("chat", url=edge.url)
    talk.until("> ")
    talk.interrupt()
    talk.type("\n")  # wakes a readline that the signal found between its prompt and its wait
    assert talk.end() == 130
    assert "Traceback" not in talk.screen
    assert edge.requests == []


def test_a_question_that_fails(terminal, serve):
    """It is told and forgotten; the talk goes on."""
    edge = serve(refuses_once("404 Not Found"), chat_answer("Well."))
    talk = terminal("chat", url=edge.url)
    talk.until("> ")
    talk.type("One.\n")
    talk.until("No. (404)")
    talk.until("> ")
    talk.type("Two.\n")
    talk.until("Well.")
    assert _messages(edge.requests[-1]) == [("user", "Two.")]


def test_a_key_that_is_refused(terminal, serve):
    """It ends the talk: no other question would fare better."""
    edge = serve(refuses("401 Unauthorized", "invalid_api_key"))
    talk = terminal("chat", url=edge.url)
    talk.until("> ")
    talk.type("One.\n")
    assert talk.end() == 3


def test_a_screen_obeys_no_model(terminal, serve):
    """Escape sequences, cut in two or whole, are shown; joiners and letters of all scripts are left as they are."""
    edge = serve(chat_answer("\x1b", "]0;owned\x07", "\x9b31m\r\x7f\u202e", " é 👩\u200d👧 tab\t."))
    talk = terminal("chat", "Hi", url=edge.url)
    assert talk.end() == 0
    assert talk.screen == "\\u001b]0;owned\\u0007\\u009b31m\\r\\u007f\\u202e é 👩\u200d👧 tab\t.\r\n"


def test_a_screen_obeys_no_table(terminal, serve):
    """Nor what an edge calls itself."""
    edge = serve(serving(lambda _path: answer({**HEALTH, "node": "\x1b[2Jyvr [bold]"})))
    screen = terminal("health", url=edge.url)
    assert screen.end() == 0
    assert "\\u001b[2Jyvr [bold]" in screen.screen
    assert "\x1b[2J" not in screen.screen


def test_colours(terminal, serve):
    """A terminal gets them, NO_COLOR takes them away."""
    edge = serve(serving(well))
    coloured, plain = terminal("doctor", url=edge.url), terminal("doctor", url=edge.url, NO_COLOR="1")
    assert (coloured.end(), plain.end()) == (0, 0)
    assert "\x1b[32mok" in coloured.screen
    assert "\x1b[32m" not in plain.screen


def test_audio_is_not_for_a_terminal(terminal):
    """Before anything is asked for."""
    screen = terminal("speak", "Hi", url="http://127.0.0.1:9")
    assert screen.end() == 2
    assert "name a file with -o" in screen.screen


def test_a_talk_is_not_for_json(terminal):
    """Without a question there is no one answer."""
    assert terminal("chat", "--json", url="http://127.0.0.1:9").end() == 2


def test_an_empty_answer(terminal, serve):
    """Nothing is printed, and the talk goes on."""
    edge = serve(streams(chunk(None, "stop"), DONE))
    talk = terminal("chat", url=edge.url)
    talk.until("> ")
    talk.type("One.\n")
    talk.until("> ")
    talk.type("\x04")
    assert talk.end() == 0
