"""Saved chats, files, schemas, the commands inside a chat, and Markdown in a terminal."""

import json
import os
from pathlib import Path

import pytest

from polargrid_cli.chat import history
from polargrid_cli.chat.commands import COMMANDS, Chat, run_command
from polargrid_cli.chat.conversation import Conversation
from tests.cli.servers import reject_once, stream_chat, stream_chat_and_wait
from tests.cli.test_terminal import CTRL_C, CTRL_D, PROMPT, read_messages


def state_folder():
    """The folder of the test for what the command remembers."""
    return Path(os.environ["POLARGRID_STATE"])


def saved_chats():
    """The saved messages of each chat as role and content, the oldest chat first."""
    files = sorted(state_folder().glob("chats/*.json"))
    return [[tuple(message.values()) for message in json.loads(file.read_text())["messages"]] for file in files]


def test_a_chat_is_continued(invoke, start_server):
    """With its model and its messages; another model and system message can be chosen."""
    server = start_server(*[stream_chat(text) for text in ("Ottawa.", "Paris.", "Rome.")])
    invoke("chat", "Canada?", "--history", "-m", "m", "-s", "Be short.", url=server.url)
    invoke("chat", "-c", "France?", url=server.url)
    result = invoke("chat", "-c", "Italy?", "-m", "n", "-s", "Shout.", url=server.url)
    assert (result.exit_code, result.stdout) == (0, "Rome.\n")
    first = [("system", "Be short."), ("user", "Canada?")]
    second = [*first, ("assistant", "Ottawa."), ("user", "France?")]
    third = [("system", "Shout."), *second[1:], ("assistant", "Paris."), ("user", "Italy?")]
    assert [read_messages(request) for request in server.requests] == [first, second, third]
    assert [json.loads(request.body)["model"] for request in server.requests] == ["m", "m", "n"]
    assert saved_chats() == [[*third, ("assistant", "Rome.")]]


def test_a_script_saves_nothing(invoke, start_server):
    """Neither stdin nor stdout is a terminal; `-c` then has nothing to go on with."""
    server = start_server(stream_chat("Hi."))
    assert invoke("chat", "Hello", url=server.url).exit_code == 0
    assert list(state_folder().iterdir()) == []
    result = invoke("chat", "-c", "Hello", url=server.url)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "no saved chat" in result.stderr


def test_saved_chats_are_private(invoke, start_server):
    """Only the user reads the files and lists the folder."""
    invoke("chat", "Hello", "--history", url=start_server(stream_chat("Hi.")).url)
    (file,) = state_folder().glob("chats/*.json")
    assert [oct(path.stat().st_mode)[-3:] for path in (file, file.parent)] == ["600", "700"]


def test_the_oldest_chats_are_deleted(invoke, start_server, monkeypatch):
    """The newest stay."""
    monkeypatch.setattr(history, "KEPT", 2)
    server = start_server(*[stream_chat("Hi.")] * 3)
    for number in range(3):
        invoke("chat", f"{number}", "--history", url=server.url)
    assert [messages[0] for messages in saved_chats()] == [("user", "1"), ("user", "2")]


def test_no_history_continues_without_saving(invoke, start_server):
    """The saved chat stays as it is."""
    server = start_server(*[stream_chat("Hi.")] * 2)
    invoke("chat", "1", "--history", url=server.url)
    invoke("chat", "-c", "2", "--no-history", url=server.url)
    assert len(read_messages(server.requests[1])) == 3
    assert [len(messages) for messages in saved_chats()] == [2]


def test_a_damaged_file_is_named(invoke, closed_url):
    """The message says what to do."""
    (state_folder() / "chats").mkdir()
    (state_folder() / "chats" / "1.json").write_text("{}")
    result = invoke("chat", "-c", "Hi", url=closed_url)
    assert result.exit_code == 2
    assert "1.json is not a saved chat" in result.stderr


def test_a_folder_that_cannot_be_written_is_a_note(invoke, start_server, tmp_path):
    """The response is printed nevertheless."""
    (tmp_path / "file").touch()
    server = start_server(stream_chat("Hi."))
    result = invoke("chat", "Hello", "--history", url=server.url, POLARGRID_STATE=str(tmp_path / "file"))
    assert (result.exit_code, result.stdout) == (0, "Hi.\n")
    assert result.stderr.startswith("the chat is not saved: ")


def test_files_are_part_of_the_question(invoke, start_server, tmp_path):
    """Each after its name; what is no text is rejected before a request."""
    (tmp_path / "a.txt").write_text("one\n", "utf-8-sig")
    (tmp_path / "b.md").write_text("zwölf", "utf-8")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    server = start_server(stream_chat("Yes."))
    words = ["-f", str(tmp_path / "a.txt"), "--file", str(tmp_path / "b.md")]
    invoke("chat", "Sum", "up.", *words, url=server.url)
    assert read_messages(server.requests[0]) == [("user", "Sum up.\n\nFile a.txt:\n\none\n\nFile b.md:\n\nzwölf")]
    result = invoke("chat", "What?", "-f", str(tmp_path / "c.png"), url=server.url)
    assert result.exit_code == 2
    assert "c.png is not text in UTF-8" in result.stderr


SCHEMA = {"title": "A city!", "type": "object", "properties": {"name": {"type": "string"}}}
FORMAT = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SCHEMA, {"type": "json_schema", "json_schema": {"name": "A_city", "schema": SCHEMA, "strict": True}}),
        (FORMAT, FORMAT),
        ({"type": "json_object"}, {"type": "json_object"}),
    ],
)
def test_a_schema_is_sent(invoke, start_server, tmp_path, content, expected):
    """A JSON Schema, or a whole response format."""
    (tmp_path / "city.json").write_text(json.dumps(content))
    server = start_server(stream_chat('{"name": "Ottawa"}'))
    result = invoke("chat", "Where?", "--schema", str(tmp_path / "city.json"), url=server.url)
    assert json.loads(result.stdout) == {"name": "Ottawa"}
    assert json.loads(server.requests[0].body)["response_format"] == expected


@pytest.mark.parametrize(("content", "message"), [("[]", "not list"), ("{", "not valid JSON"), (None, "not exist")])
def test_an_invalid_schema_is_rejected(invoke, closed_url, tmp_path, content, message):
    """No request is sent."""
    if content:
        (tmp_path / "city.json").write_text(content)
    result = invoke("chat", "Where?", "--schema", str(tmp_path / "city.json"), url=closed_url)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.fixture
def chat():
    """A chat with one question, which is not saved."""
    messages = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "1"}]
    return Chat(Conversation("m", messages), None)


def test_commands_change_the_chat(chat, tmp_path, capsys):
    """Model, system message, files, and what is asked again; other text is a question."""
    assert run_command(chat, "/etc/hosts: what is it?") == "/etc/hosts: what is it?"
    assert run_command(chat, "/model n") is None
    run_command(chat, "/system Be\nkind.")
    (tmp_path / "a.txt").touch()
    run_command(chat, f"/file {tmp_path / 'a.txt'}")
    assert chat.conversation.model == "n"
    assert chat.conversation.system == "Be\nkind."
    assert chat.files == [tmp_path / "a.txt"]
    assert run_command(chat, "/retry") == "One?"
    assert run_command(chat, "/retry") is None
    assert chat.conversation.messages == [{"role": "system", "content": "Be\nkind."}]
    run_command(chat, "/system -")
    assert chat.conversation.messages == []
    run_command(chat, "/exit")
    assert chat.is_done
    assert "there is no question yet" in capsys.readouterr().err


def test_help_lists_every_command(chat, capsys):
    """An unknown command is not sent to the model."""
    assert run_command(chat, "/help") is None
    assert run_command(chat, "/modl n") is None
    page = capsys.readouterr().err
    assert all(page.count(f"/{name}") >= 2 for name in COMMANDS)


def test_a_chat_is_written_to_a_file(chat, tmp_path, capsys):
    """As Markdown, or as messages; a failure does not end the chat."""
    for name in ("chat.md", "chat.json", "none/chat.md"):
        run_command(chat, f"/save {tmp_path / name}")
    run_command(chat, "/save")
    assert (tmp_path / "chat.md").read_text() == "## User\n\nOne?\n\n## Assistant\n\n1\n"
    assert json.loads((tmp_path / "chat.json").read_text()) == chat.conversation.messages
    assert "No such file" in capsys.readouterr().err


def test_an_interactive_chat_is_saved_and_continued(open_terminal, start_server):
    """Also with a response that Ctrl-C stopped; /retry asks a question again that failed."""
    server = start_server(
        stream_chat_and_wait("It was"), reject_once("404 Not Found"), stream_chat("Well."), stream_chat("Yes.")
    )
    terminal = open_terminal("chat", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type("One.\n")
    terminal.read_until("It was")
    terminal.interrupt()
    terminal.read_until(PROMPT)
    terminal.type("Two.\n")
    terminal.read_until("404")
    terminal.read_until(PROMPT)
    terminal.type("/retry\n")
    terminal.read_until("Well.")
    terminal.read_until(PROMPT)
    terminal.type(f"lost{CTRL_C}{CTRL_D}")
    assert terminal.wait() == 0
    expected = [("user", "One."), ("assistant", "It was"), ("user", "Two."), ("assistant", "Well.")]
    assert saved_chats() == [expected]
    assert read_messages(server.requests[-1]) == expected[:3]
    lines = (state_folder() / "chat-lines").read_text()
    assert "+One.\n" in lines
    assert oct((state_folder() / "chat-lines").stat().st_mode)[-3:] == "600"
    terminal = open_terminal("chat", "-c", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type('"""\nfirst\nsecond\n"""\n')
    terminal.read_until("Yes.")
    terminal.read_until(PROMPT)
    terminal.type("/exit\n")
    assert terminal.wait() == 0
    assert read_messages(server.requests[-1]) == [*expected, ("user", "first\nsecond")]


def test_pasted_lines_are_one_question(open_terminal, start_server):
    """As are lines that Alt-Enter starts. Without a history, no line is saved."""
    server = start_server(stream_chat("Yes."))
    terminal = open_terminal("chat", "--no-history", url=server.url)
    terminal.read_until(PROMPT)
    terminal.type("\x1b[200~one\ntwo\x1b[201~\x1b\rthree\n")
    terminal.read_until("Yes.")
    terminal.read_until(PROMPT)
    terminal.type(CTRL_D)
    assert terminal.wait() == 0
    assert read_messages(server.requests[0]) == [("user", "one\ntwo\nthree")]
    assert list(state_folder().iterdir()) == []


def test_markdown_is_drawn_in_a_terminal(open_terminal, start_server):
    """In colour unless NO_COLOR is set; tags and the addresses of links are shown, lines stay lines."""
    text = "# Plan\n\n**Roses** are <b>red</b>\nviolets [blue](https://x.example)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    server = start_server(stream_chat(*text), stream_chat(*text))
    for variables, bold in (({}, True), ({"NO_COLOR": "1", "TERM": "dumb"}, False)):
        terminal = open_terminal("chat", "Hi", url=server.url, COLUMNS="40", **variables)
        assert terminal.wait() == 0
        assert ("\x1b[1mRoses" in terminal.screen) is bold
        assert ("**Roses**" in terminal.screen) is not bold
        assert "<b>red</b>" in terminal.screen
        assert "https://x.example" in terminal.screen
        assert "\x1b]8" not in terminal.screen
    assert saved_chats()[0][1] == ("assistant", text)


def test_markdown_of_a_long_block_is_complete(open_terminal, start_server):
    """Also if it is higher than the screen, with wide characters, in a narrow terminal."""
    lines = [f"{number} 日本語" for number in range(60)]
    text = "```text\n" + "\n".join(lines) + "\n```\nend"
    server = start_server(stream_chat(*[f"{line}\n" for line in text.split("\n")]))
    terminal = open_terminal("chat", "Hi", url=server.url, COLUMNS="20", LINES="10")
    assert terminal.wait() == 0
    assert all(line in terminal.screen for line in [*lines, "end"])


def test_ctrl_c_saves_what_arrived(open_terminal, start_server):
    """The exit status is 130, and `-c` goes on."""
    server = start_server(stream_chat_and_wait("It was"))
    terminal = open_terminal("chat", "Describe", "it.", url=server.url)
    terminal.read_until("It was")
    terminal.interrupt()
    assert terminal.wait() == 130
    assert "Traceback" not in terminal.screen
    assert saved_chats() == [[("user", "Describe it."), ("assistant", "It was")]]
