"""Every example runs as its page says, against a local edge with the default chat model of `polargrid serve`."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from polargrid import PolarGridSync
from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.settings import EdgeSettings

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PROGRAMS = sorted(path.name for path in EXAMPLES.glob("*.py"))
PAGE = (EXAMPLES / "README.md").read_text(encoding="utf-8")
SITE = (EXAMPLES.parent / "docs" / "examples.md").read_text(encoding="utf-8")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def default_edge() -> Iterator[Edge]:
    with run_in_thread(EdgeSettings(port=0)) as started:
        yield started


@pytest.fixture
def folder(default_edge, tmp_path) -> Path:
    """A copy of the examples that uses the edge of the tests."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.py"):
        text = path.read_text(encoding="utf-8").replace('region="local"', f'base_url="{default_edge.url}"')
        path.write_text(text.replace("http://127.0.0.1:55111", default_edge.url), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder) -> Run:
    def run(*arguments: str, stdin: str = "") -> str:
        command = [sys.executable, "-W", "error", *arguments]
        process = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stderr
        assert not process.stderr
        return process.stdout

    return run


def test_chat_prints_the_response(run):
    """A streamed text, and then its finish reason."""
    output = run("streaming_chat.py", stdin="What is the capital of France?\n")
    assert re.search(r"you: .*\w.*  \((stop|length)\)", output, flags=re.DOTALL)


def test_voice_round_trip_saves_speech_and_compares_the_words(run, folder):
    """The file holds Ogg Opus, and the words of the sentence are counted."""
    assert re.search(r"\d+ of 11 different words match", run("voice_round_trip.py"))
    assert (folder / "spoken.opus").read_bytes().startswith(b"OggS")


def test_subtitles_are_written_in_two_languages(run, folder):
    """Both files are SRT."""
    run("subtitles.py")
    files = {path.name: path.read_text("utf-8") for path in folder.glob("buenos-dias.*.srt")}
    assert len(files) == 2
    assert "buenos-dias.english.srt" in files
    assert all(text.startswith("1\n00:00:0") for text in files.values())


def test_long_recording_is_a_job_and_a_stream(run):
    """The job has an id and a text, the stream a text."""
    assert re.search(r"^job \S+: +\S.*\nstream: +\S", run("long_recording.py"), flags=re.MULTILINE)


def test_search_sorts_the_passages(run):
    """By a number for each of them."""
    output = run("search.py", "How do I get my money back?")
    scores = [float(score) for score in re.findall(r"^ *(-?\d\.\d\d)  \w", output, flags=re.MULTILINE)]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)


def test_extraction_prints_a_person_for_each_sentence(run):
    """A person, or the text that does not match the model."""
    lines = run("extraction.py").splitlines()
    assert len(lines) == 3
    assert all(re.match(r"name='.*' .*born=\d{4}$|no person in: |the model refused", line) for line in lines)


def test_tool_agent_prints_calls_and_a_text(run):
    """Calls, if the model requests some, are printed with their results or errors."""
    lines = run("tool_agent.py").splitlines()
    calls = [line for line in lines if " -> " in line]
    assert all(re.match(r"\w+\(.*\) -> ", call) for call in calls)
    assert lines


def test_tour_shows_models_usage_and_an_error(default_edge, capsys):
    """The parts of `make run` that generate nothing: each model has its state, and the error is caught."""
    tour = runpy.run_path(str(EXAMPLES / "tour.py"))
    with PolarGridSync(base_url=default_edge.url) as client:
        for part in ("show_models", "show_usage", "show_error"):
            tour[part](client)
    output = capsys.readouterr().out
    assert set(re.findall(r"^\S+ +(?:chat|embedding|\S+-to-\S+) +(\S+)$", output, flags=re.MULTILINE)) <= {
        "loaded",
        "unloaded",
    }
    assert "NotFoundError: unknown model" in output


def test_many_calls_reports_each_of_them(run):
    """Each country has a line, and the progress bar reaches its end."""
    output = run("many_calls.py")
    assert re.findall(r"(\d+)/\d+ ", output)[-1] == "6"
    assert re.findall(r"^(Canada|France|Japan|Kenya|Norway|Peru) +\S", output, flags=re.MULTILINE) == [
        "Canada",
        "France",
        "Japan",
        "Kenya",
        "Norway",
        "Peru",
    ]


def test_failover_skips_the_endpoint_that_is_down(run):
    """Two attempts while the first endpoint is tried, one when it is skipped."""
    output = run("failover.py")
    assert re.findall(r"second endpoint responded after (\d)", output) == ["2", "2", "2", "1", "1"]
    assert "first endpoint" not in output


def test_fastapi_app_forwards_a_stream(folder):
    """The response of the app, served by uvicorn, arrives in several chunks."""
    command = [sys.executable, "-W", "error", "-m", "uvicorn", "--port", "0", "fastapi_stream:app"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            url = next(match[0] for line in server.stderr if (match := re.findall(r"http://[\d.:]+", line)))
            question = {"question": "Name the days of the week."}
            with httpx.stream("GET", f"{url}/ask", params=question, timeout=120) as response:
                chunks = list(response.iter_raw())
        finally:
            server.terminate()
            server.stderr.read()
    assert response.status_code == 200
    assert len(chunks) > 1
    assert b"".join(chunks).decode().strip()


def test_tests_of_a_program_pass(run):
    """Without a server."""
    assert "4 passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_program.py")


@pytest.mark.parametrize("program", PROGRAMS)
def test_page_lists_every_example(program):
    """With the first line of its docstring."""
    summary = (EXAMPLES / program).read_text(encoding="utf-8").split('"""')[1].splitlines()[0]
    assert f"[{program}]({program})" in PAGE
    commands = (f"python examples/{program}", f"pytest examples/{program}", f"{program.removesuffix('.py')}:app")
    assert any(command in PAGE for command in commands)
    assert summary in PAGE
    assert f"../examples/{program}\n" in SITE


def test_page_lists_no_other_file():
    """Every link to a program has a file."""
    assert sorted(re.findall(r"\]\((\w+\.py)\)", PAGE)) == PROGRAMS
