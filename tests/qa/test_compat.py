"""The comparison with OpenAI's SDK: its rules on small classes, the list of meant differences, and the page."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NotRequired, Required, TypedDict

import httpx
import pytest
from pydantic import BaseModel

from qa.compat import report
from qa.compat.comparison import Comparison
from qa.compat.hints import get_parameters, get_required
from qa.compat.meant import LIST, Meant, judge, read_list
from qa.compat.programs import ProgramResult, Run, list_programs
from qa.compat.recorder import Response, record
from qa.compat.routes import find_route, list_routes
from qa.compat.run import DOCS

PACKAGE = __name__.partition(".")[0]


# What the comparison compares: "Their" classes are of OpenAI's SDK, "Our" classes of this one.


class TheirPart(TypedDict, total=False):
    text: str
    detail: Literal["low", "high"]


class OurPart(TypedDict, total=False):
    text: str
    detail: Literal["low"]


class OurRequiredPart(TypedDict):
    text: str
    detail: str


class TheirUsage(BaseModel):
    tokens: int
    cached: int | None = None


class TheirAnswer(BaseModel):
    id: str
    kind: Literal["a"]
    usage: TheirUsage | None = None


class OurUsage(BaseModel):
    tokens: int


class OurAnswer(BaseModel):
    id: str | None
    kind: Literal["a"] | str
    usage: OurUsage


class TheirStream:
    @property
    def response(self) -> str:
        return ""

    def close(self) -> None:
        """Close it."""

    def __iter__(self) -> Iterable[TheirUsage]:
        return iter(())


class OurStream:
    def __iter__(self) -> Iterable[OurUsage]:
        return iter(())


def compare_parameter(theirs: Any, ours: Any) -> dict[str, str]:
    comparison = Comparison(PACKAGE)
    comparison.record("x", comparison.find_rejection(theirs, ours))
    return comparison.differences


def compare_answer(theirs: Any, ours: Any) -> dict[str, str]:
    comparison = Comparison(PACKAGE)
    comparison.compare_answers("x", [theirs], [ours])
    return comparison.differences


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (str, str | None),
        (Literal["a"], Literal["a", "b"]),
        (Literal["a"], str),
        (int, float),
        (list[str], Sequence[str]),
        (dict[str, int], Mapping[str, float]),
        (TheirPart, Mapping[str, Any]),
        (Iterable[str], Iterable[str]),
        (str, Any),
    ],
)
def test_a_wider_parameter_is_no_difference(theirs, ours):
    """It accepts whatever theirs accepts."""
    assert compare_parameter(theirs, ours) == {}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (str | None, str),
        (Literal["a", "c"], Literal["a", "b"]),
        (str, Literal["a"]),
        (float, int),
        (Iterable[str], list[str]),
        (list[str | int], list[str]),
    ],
)
def test_a_narrower_parameter_is_a_difference(theirs, ours):
    """It rejects something that theirs accepts."""
    assert list(compare_parameter(theirs, ours)) == ["x"]


def test_fields_of_a_typed_dict_are_compared():
    """By their names and types, and whether they are required."""
    assert list(compare_parameter(TheirPart, OurPart)) == ["TheirPart.detail"]
    differences = compare_parameter(TheirPart, OurRequiredPart)
    assert differences == {
        "TheirPart.detail": "OurRequiredPart requires it",
        "TheirPart.text": "OurRequiredPart requires it",
    }


def test_fields_of_an_answer_are_compared_recursively():
    """A missing one and one that may be None are differences; a wider literal is none."""
    differences = compare_answer(list[TheirAnswer], list[OurAnswer])
    assert differences == {
        "TheirAnswer.id": "may be None; theirs is str",
        "TheirUsage.cached": "OurUsage has no such field",
    }


def test_attributes_of_a_stream_are_compared():
    """And what it yields."""
    comparison = Comparison(PACKAGE)
    comparison.compare_classes(TheirStream, OurStream)
    assert list(comparison.differences) == ["TheirUsage.cached", "TheirStream.close", "TheirStream.response"]


def test_parameters_are_compared():
    """A missing one, one that is required, and one that is not positional."""

    def theirs(a: int, *, b: int = 1, c: int = 1, _d: int = 1) -> None:
        """A function of theirs."""

    def ours(*, a: int, b: int, e: int) -> None:
        """A function of this SDK."""

    comparison = Comparison(PACKAGE)
    comparison.compare_parameters("f", get_parameters(theirs), get_parameters(ours))
    assert list(comparison.differences) == ["f(a)", "f(b)", "f(c)", "f(e)"]


def test_required_keys_of_texts_are_read():
    """NotRequired in an annotation that is a text."""

    class Kind(TypedDict):
        a: Required[str]
        b: NotRequired[str]
        c: str

    assert get_required(Kind) == {"a", "c"}


# Operations


class Completions:
    def create(self) -> object:
        return self._post("/chat/completions")

    def parse(self) -> object:
        return send(self)

    def delete(self, name: str) -> object:
        return self._delete(f"/chat/completions/{name}")

    def messages(self) -> object:
        return None

    def _post(self, path: str) -> object:
        return path

    _delete = _post


def send(resource: Completions) -> object:
    return resource._post("/chat/completions")


def test_operations_are_found_in_the_source():
    """Also those of a function that a method calls."""
    completions = Completions()
    assert find_route(completions.create) == ("post", "/chat/completions")
    assert find_route(completions.parse) == ("post", "/chat/completions")
    assert find_route(completions.delete) == ("delete", "/chat/completions/{}")
    assert find_route(completions.messages) is None


def test_routes_of_a_document_have_no_prefix_and_no_query():
    """As those of a source."""
    document = {"paths": {"/v1/models/{model}": {"get": {}}, "/v1/audio?stream=true": {"post": {}, "parameters": []}}}
    assert list_routes(document) == {("get", "/models/{}"), ("post", "/audio")}


# The list


MEASURED = {
    "openai": "3.0",
    "names": ["A.a", "A.b", "A(c)", "B.d"],
    "differences": {"A.a": "no such name", "A(c)": "may be None; theirs is str"},
}


def test_differences_are_meant_if_an_entry_covers_them():
    """By the name, and by what is different."""
    entries = [Meant("Any", ("A.*", "C.*"), "It is so."), Meant("None", ("A(*)",), "It may be.", "does not accept*")]
    result = judge(MEASURED, entries)
    assert result.meant == {"A.a": "Any"}
    assert result.others == {"A(c)": "may be None; theirs is str"}
    assert result.stale == ("Any: C.*", "None: A(*)")
    assert result.share == 0.5


@pytest.mark.parametrize(("others", "stale", "error"), [({"A": "x"}, (), ""), ({}, ("A",), ""), ({}, (), "failed")])
def test_exit_status_is_1_for_each_reason(others, stale, error):
    """A difference that is not meant, a stale entry, a program that fails."""
    fine = judge({"openai": "3.0", "names": ["A"], "differences": {}}, [])
    programs = [ProgramResult("chat", Run("1\n", ""), Run("1\n", error))]
    assert report.exit_status(fine, [ProgramResult("chat", Run("1\n", ""), Run("1\n", ""))]) == 0
    assert report.exit_status(dataclasses.replace(fine, others=others, stale=stale), programs) == 1


def test_the_list_is_short():
    """Each entry has names and a reason in sentences."""
    entries = read_list(LIST.read_text(encoding="utf-8"))
    assert len(entries) <= 25
    assert len({entry.title for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.reason.endswith(".")
        assert "|" not in entry.reason + entry.title


@pytest.mark.parametrize("missing", ["names = []\nreason = 'So.'", "names = ['A']\nreason = ''"])
def test_an_entry_without_names_or_reason_is_rejected(missing):
    """It would cover nothing, or say nothing."""
    with pytest.raises(ValueError, match="names and a reason"):
        read_list(f"[[difference]]\ntitle = 'A'\n{missing}")


def test_the_page_is_what_the_list_says():
    """`make compat ARGS=--write-docs` writes it."""
    page = DOCS.read_text(encoding="utf-8")
    entries = read_list(LIST.read_text(encoding="utf-8"))
    assert report.read_part(page, "differences") == report.render_differences(entries)
    assert f" of {len(list_programs())} programs" in " ".join(report.read_part(page, "measured").split())


def test_a_part_of_a_page_is_replaced():
    """And a page without the part is rejected."""
    page = "a\n<!-- x -->\nold\n<!-- end of x -->\nb\n"
    changed = report.replace_part(page, "x", r"new \1")
    assert report.read_part(changed, "x") == r"new \1"
    assert changed.startswith("a\n")
    assert changed.endswith("b\n")
    with pytest.raises(ValueError, match="no part 'y'"):
        report.replace_part(page, "y", "new")


def test_the_report_names_each_difference():
    """With what is different, those that are meant as well."""
    result = judge(MEASURED, [Meant("Any", ("A.*", "C"), "It is so.")])
    programs = [ProgramResult("chat", Run("1\n2\n", ""), Run("1\n3\n", ""))]
    text = report.render_text(result, programs)
    assert "A(c): may be None; theirs is str\n" in text
    assert "  Any\n    A.a: no such name\n" in text
    assert "on the list, and no difference: Any: C\n" in text
    assert "chat: line 2 of the output: '2' on OpenAI's SDK, '3' on this SDK\n" in text
    assert "openai 3.0: 4 names, 50.0% the same, 1 different on purpose, 1 others\n" in text
    assert report.as_json(result, programs)["programs"][0]["problem"]


@pytest.mark.parametrize(
    ("theirs", "ours", "problem"),
    [
        (Run("", "boom"), Run("", ""), "on OpenAI's SDK: boom"),
        (Run("1\n", ""), Run("", "boom"), "on this SDK: boom"),
        (Run("", ""), Run("", ""), "it prints nothing"),
        (Run("1\n2\n", ""), Run("1\n", ""), "one SDK prints more than the other"),
    ],
)
def test_a_program_fails(theirs, ours, problem):
    """If it raises, prints nothing, or prints something else."""
    assert ProgramResult("chat", theirs, ours).problem == problem


def test_programs_run_in_one_process(tmp_path):
    """Each line is a program; what it prints, or the exception and its line, is a line of JSON."""
    for name, source in {"fine": "import json as openai\nprint(1)\n", "fault": "\n1 / 0\n"}.items():
        tmp_path.joinpath(f"{name}.py").write_text(source, encoding="utf-8")
    lines = "".join(f"{tmp_path / name}.py\n" for name in ("fine", "fault"))
    command = [sys.executable, "-m", "qa.compat.play", "openai"]
    output = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    assert output.splitlines() == [
        '{"output": "1\\n", "error": ""}',
        '{"output": "", "error": "line 2: ZeroDivisionError: division by zero"}',
    ]


class Upstream(BaseHTTPRequestHandler):
    """Responds with the body of the request."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(201)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


def test_responses_are_recorded():
    """They are forwarded as they are, and taken once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with record(f"http://127.0.0.1:{server.server_address[1]}") as recorder:
            response = httpx.post(f"{recorder.url}/v1/echo?a=b", content=b"hello", trust_env=False)
            (taken,) = recorder.take()
            assert recorder.take() == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (response.status_code, response.content) == (201, b"hello")
    assert Response(**taken) == Response("POST", "/v1/echo", 201, {"content-type": "text/plain"}, taken["body"])
    assert Response(**taken).content == b"hello"
