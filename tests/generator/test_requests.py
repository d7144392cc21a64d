"""Every kind of request that openapi.yaml can describe, on the wire: both clients, over each transport."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import ROOT
from tests.generator.request_kinds import PATHS, PRELUDE, SCHEMAS


@pytest.fixture(scope="module")
def package(generate_with) -> Path:
    return generate_with(PATHS, SCHEMAS)


def run(package: Path, script: str) -> None:
    """Run a script in a new interpreter that imports the package; its assertions are the test's."""
    path = package / "script.py"
    path.write_text(PRELUDE + script, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr


def test_query(package):
    """Scalars of each type, lists and objects in each style; only what is given is sent, and constants."""
    run(
        package,
        """
word = types.Word(text="hello")
echo = "/v1/echo/a?fixed=yes"
check(lambda c: c.echo("a"), echo, headers={"x-fixed": "3"}, result=word)
check(lambda c: c.echoes.retrieve("a", times=2, shared=1), f"{echo}&times=2&shared=1", result=word)
day, at = datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
check(lambda c: c.echo("a", day=day, at=at), f"{echo}&day=2026-01-02&at=2026-01-02T00%3A00%3A00Z")
check(lambda c: c.echo("a", day="2026-01-02", id=uuid.UUID(int=1)), f"{echo}&day=2026-01-02&id={uuid.UUID(int=1)}")
check(lambda c: c.echo("a", colour="red", tone="low", level=2, maybe=None), f"{echo}&colour=red&tone=low&level=2")
check(lambda c: c.echo("a", colour=types.Colour("blue")), f"{echo}&colour=blue")
check(lambda c: c.echo("a", tags=["x y", "&"], ids=[1, 2]), f"{echo}&tags=x%20y&tags=%26&ids=1,2")
check(lambda c: c.echo("a", spaced=["a", "b"], piped=["a", "b"]), f"{echo}&spaced=a%20b&piped=a%7Cb")
check(lambda c: c.echo("a", filter_={"gte": 3, "name": "n"}), f"{echo}&filter%5Bgte%5D=3&filter%5Bname%5D=n")
check(lambda c: c.echo("a", flat={"fa": 1, "fb": "z"}), f"{echo}&fa=1&fb=z")
check(lambda c: c.echo("a", where={"deep": ["a"]}), f"{echo}&where=%7B%22deep%22%3A%5B%22a%22%5D%7D")
check(lambda c: c.echo("a", shared=1, extra_query={"shared": 2}), f"{echo}&shared=2")
""",
    )


def test_parts_of_responses(package):
    """An object of a response stands for one of a request: what the request has of it is sent."""
    run(
        package,
        """
with PolarGridSync(api_key="pg_key", base_url=URL) as client:
    note = client.notes.create(text="hello")
other = types.NoteRequestParam(text="b", author={"id": "a"}, answers_to=[{"id": "n1"}])
sent = {"text": "b", "author": {"id": "a"}, "answers_to": [{"id": "n1", "text": "hello"}]}
for call in (
    lambda c: c.notes.create(text="b", author=note.author, answers_to=[note]),
    lambda c: c.create_note({"text": "b", "author": note.author, "answers_to": iter([note])}),
):
    for *_, content in check(call, "/v1/notes", "POST"):
        assert json.loads(content) == sent, content
check(lambda c: c.create_note(other), "/v1/notes", "POST")
""",
    )


def test_headers_cookies_and_paths(package):
    """Lists in headers, cookies in one header, each style of the path, and a query in the path's key."""
    run(
        package,
        """
headers = {"x-trace": "t 1", "x-tags": "a,b", "cookie": "session=s%20e; theme=dark"}
check(lambda c: c.echo("a", x_trace="t 1", x_tags=["a", "b"], session="s e", theme="dark"),
      "/v1/echo/a?fixed=yes", headers=headers)
check(lambda c: c.get_styles(["a", "b/."], ["c", "d"], [1, 2], {"k": "v", "z": "w"}),
      "/v1/styles/a,b%2F./.c.d;matrix=1;matrix=2/k=v,z=w")
check(lambda c: c.get_job("x/y", limit=1), "/v1/jobs?id=x%2Fy&limit=1")
check(lambda c: c.list_jobs(), "/v1/jobs?kind=all&x=1")
""",
    )


def test_invalid_arguments(package):
    """They are rejected before sending, with the name of the argument."""
    run(
        package,
        """
fails(lambda c: c.echo("a", times="x"), "times: Input should be a valid integer")
fails(lambda c: c.echo("a", colour="green"), "colour: Input should be 'red' or 'blue'")
fails(lambda c: c.echo("a", at=datetime.datetime(2026, 1, 2)), "at: Input should have timezone info")
fails(lambda c: c.echo(""), "word: it is empty")
fails(lambda c: c.echo("a", x_trace="\\u00fc"), "x_trace: expected printable ASCII")
fails(lambda c: c.echo("a", piped=["a|b"]), "piped: an item holds '|'")
fails(lambda c: c.create_lists([{"q": "x"}]), "0.q: Input should be a valid integer")
fails(lambda c: c.files.create(main=b"M", purpose="p", others=("a", b"b")), "others: expected a list of files")
fails(lambda c: c.files.create(main=None, purpose="p"), "main: expected a path")
fails(lambda c: c.put_image(b"x"), "file: expected image/*")
""",
    )


def test_json(package):
    """Inline objects have the operation's name, lists are bodies, and +json is JSON."""
    run(
        package,
        """
answer = [types.CreateListsResponseItem(r=1)]
check(lambda c: c.create_lists([{"q": 1}]), "/v1/lists", "POST", b'[{"q":1}]', result=answer)
item = types.CreateListsRequestItem(q=1)
check(lambda c: c.lists.create(request=[item]), "/v1/lists", "POST", b'[{"q":1}]', {"content-type": "application/json"})
patch = types.PatchInlineRequest(a=None, when="2026-01-01", n=types.PatchInlineRequestN(z=1))
body, headers = b'{"a":null,"when":"2026-01-01","n":{"z":1}}', {"content-type": "application/merge-patch+json"}
answer = types.PatchInlineResponse(b="c")
check(lambda c: c.patch_inline(patch), "/v1/inline", "PATCH", body, headers, answer)
check(lambda c: c.inline.patch(a=None, when=datetime.date(2026, 1, 1), n={"z": 1}), "/v1/inline", "PATCH", body)
check(lambda c: c.patch_inline(), "/v1/inline", "PATCH", b"", {"content-type": None})
""",
    )


def test_text_and_urlencoded(package):
    """A text is an argument; a form without files is one line."""
    run(
        package,
        """
headers = {"content-type": "text/plain; charset=utf-8"}
check(lambda c: c.post_text("h\\u00e9"), "/v1/text", "POST", "h\\u00e9".encode(), headers)
check(lambda c: c.texts.create(text="h\\u00e9"), "/v1/text", "POST", "h\\u00e9".encode(), headers)
body = b"name=a+b&tags=x&tags=y&options=%7B%22a%22%3A+1%7D"
headers = {"content-type": "application/x-www-form-urlencoded"}
form = {"name": "a b", "tags": ["x", "y"], "options": {"a": 1}}
check(lambda c: c.post_form(form), "/v1/form", "POST", body, headers)
""",
    )


def test_binary(package):
    """Bytes, an open file, a path and a pipe are streamed as the body."""
    run(
        package,
        """
large = b"ab" * 50000
headers = {"content-type": "application/octet-stream", "content-length": "100000"}
check(lambda c: c.put_data(large), "/v1/upload", "PUT", large, headers)
check(lambda c: c.data.put(file=io.BytesIO(large)), "/v1/upload", "PUT", large, headers)
check(lambda c: c.put_data(__file__), "/v1/upload", "PUT", open(__file__, "rb").read())
check(lambda c: c.put_data(Pipe(large)), "/v1/upload", "PUT", large, {"transfer-encoding": "chunked"})
check(lambda c: c.put_image(("a.png", b"x")), "/v1/image", "PUT", b"x", {"content-type": "image/png"})
check(lambda c: c.put_image(), "/v1/image", "PUT", b"", {"content-type": None})
""",
    )


def test_forms(package):
    """A form has several files, a list of files, or none; objects and `encoding` set the media type of a part."""
    run(
        package,
        """
fields, text = {"purpose": "p", "meta": {"a": 1}, "note": "n"}, ("b.txt", b"B", "text/plain")
for call in (
    lambda c: c.create_files(b"M", fields, others=[b"A", text], cover=b"C"),
    lambda c: c.files.create(**fields, main=b"M", others=[b"A", text], cover=b"C"),
    lambda c: c.files.create(**fields, main=b"M", others=[Pipe(b"A"), text], cover=Pipe(b"C")),
):
    for request in check(call, "/v1/files", "POST"):
        heads, contents = zip(*parts(request))
        assert contents == (b"p", b'{"a": 1}', b"n", b"M", b"A", b"B", b"C"), contents
        assert b"filename" not in heads[1] and b"Content-Type: application/json" in heads[1], heads
        assert b"text/markdown" in heads[2] and b"image/png" in heads[6], heads
        assert b'name="others"; filename="b.txt"' in heads[5] and b"text/plain" in heads[5], heads
for request in check(lambda c: c.files.create(main=b"M", purpose="p"), "/v1/files", "POST"):
    assert [content for _, content in parts(request)] == [b"p", b"M"]
for request in check(lambda c: c.create_fields({"a": "x", "b": 1}), "/v1/fields", "POST"):
    assert [content for _, content in parts(request)] == [b"x", b"1"]
assert not hasattr(types.CreateFilesRequest(purpose="p"), "main")
""",
    )


def test_methods_and_deprecation(package):
    """HEAD and OPTIONS have methods; a deprecated one warns at the line that calls it."""
    run(
        package,
        """
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    check(lambda c: c.head_jobs(), "/v1/jobs?kind=all&x=1", "HEAD", b"")
assert {(item.category, item.filename, str(item.message)) for item in caught} == {
    (DeprecationWarning, __file__, "head_jobs is deprecated")
}, [str(item) for item in caught]
check(lambda c: c.options_jobs(), "/v1/jobs?kind=all&x=1", "OPTIONS", b"")
""",
    )


def test_key(package):
    """It is sent where `security` asks for it."""
    run(
        package,
        """
check(lambda c: c.get_detour(), "/v1/detour", headers={"authorization": None})
check(lambda c: c.talks.create(a="x"), "/v1/talk", "POST", headers={"authorization": "Bearer pg_key"})
""",
    )


def test_stream_of_another_operation(package):
    """A method with `stream=True` sends the operation that streams; one that only streams returns its stream."""
    run(
        package,
        """
events = [types.StreamTalkEvent(t="a")]
check(lambda c: c.talks.create(a="x", c="y"), "/v1/talk", "POST", b'{"a":"x","c":"y"}', result=types.Word(text="hello"))
check(lambda c: c.talks.create(a="x", c="y", stream=False), "/v1/talk", "POST", b'{"a":"x","c":"y"}')
target = "/v1/talk?stream=true"
check(lambda c: c.talks.create(a="x", b=1, stream=True), target, "POST", b'{"a":"x","b":1}', result=events)
check(lambda c: c.stream_talk({"a": "x"}), target, "POST", b'{"a":"x"}', result=events)
assert not hasattr(PolarGridSync, "stream_talk_stream") and not hasattr(types, "stream_talk")
""",
    )


def test_raw_client(package):
    """The raw client sends the same: a query in the path's key, no defaults, text bodies, and styles as text."""
    run(
        package,
        """
from polargrid_generated.raw import AuthenticatedClient, models
from polargrid_generated.raw.api.text import create_files, echo, get_job, list_jobs, post_text, put_data
from polargrid_generated.raw.types import File

def sent(call, **arguments):
    received.clear()
    with AuthenticatedClient(URL, "pg_key") as client:
        call.sync_detailed(client=client, **arguments)
    return received[0]

assert sent(echo, word="a", ids="1,2", filtergte=3)[1] == "/v1/echo/a?ids=1%2C2&filter%5Bgte%5D=3&fixed=yes"
assert sent(get_job, id="x/y", limit=1)[1] == "/v1/jobs?id=x%2Fy&limit=1"
assert sent(list_jobs)[1] == "/v1/jobs?kind=all&x=1"
request = sent(post_text, body=File(io.BytesIO(b"text")))
assert (request[3], request[2]["content-type"]) == (b"text", "text/plain; charset=utf-8")
assert sent(put_data, body=File(io.BytesIO(b"data")))[3] == b"data"
""",
    )


USER = """
import datetime, uuid
from polargrid import PolarGrid, PolarGridSync, types

client = PolarGridSync()
word: types.Word = client.echo(
    "a", times=2, day="2026-01-01", at=datetime.datetime.now(), id=uuid.uuid4(), colour="red", tone="low", level=1,
    maybe=None, x_tags=["a"], filter_={"gte": 1},
)
item = types.CreateListsRequestItem(q=1)
answers: list[types.CreateListsResponseItem] = client.lists.create(request=[{"q": 1}, item])
client.files.create(main=b"", purpose="x", others=["a", b"b", ("n", b"c")], cover=None, meta={"a": 1})
client.create_files(b"", {"purpose": "x"}, others=[b""])
client.put_data(b"x")
client.post_text("x")
with client.stream_talk({"a": "x"}) as stream:
    texts: list[str] = [event.t for event in stream]
for event in client.talks.create(a="x", b=1, stream=True):
    event.t
word = client.talks.create(a="x", c="y")

async def main() -> None:
    async with PolarGrid() as client:
        word: types.Word = await client.talks.create(a="x")
        async for event in await client.talks.create(a="x", stream=True):
            event.t

client.head_jobs()
client.echo("a", times="x")
client.echo("a", colour="green")
client.echo("a", level=3)
client.talks.create(a="x", b=1)
client.files.create(main=b"")
client.create_lists({"q": 1})
client.put_data()
client.post_text(b"x")
"""


def test_types(package):
    """mypy --strict accepts correct calls and rejects wrong ones, and knows what is deprecated."""
    (package / "user.py").write_text(USER, encoding="utf-8")
    command = ["-m", "mypy", "--strict", "--no-incremental", "--config-file=", "--enable-error-code", "deprecated"]
    process = subprocess.run(
        [sys.executable, *command, "user.py"],
        env={**os.environ, "MYPYPATH": f"{package}:{ROOT / 'overlay'}"},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = re.findall(r"^user\.py:(\d+): error", process.stdout, flags=re.MULTILINE)
    first = USER.splitlines().index("client.head_jobs()") + 1
    assert lines == [str(line) for line in range(first, first + 9)], process.stdout
