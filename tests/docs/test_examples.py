"""Every example runs as its page says, against a local edge with the model that `polargrid serve` has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.settings import EdgeSettings

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PROGRAMS = sorted(path.name for path in EXAMPLES.glob("*.py"))
PAGE = (EXAMPLES / "README.md").read_text(encoding="utf-8")
SITE = (EXAMPLES.parent / "docs" / "examples.md").read_text(encoding="utf-8")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def usual_edge() -> Iterator[Edge]:
    with run_in_thread(EdgeSettings(port=0)) as started:
        yield started


@pytest.fixture
def folder(usual_edge, tmp_path) -> Path:
    """The examples with one thing changed: the edge of the tests listens on a free port."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.py"):
        text = path.read_text(encoding="utf-8").replace('region="local"', f'base_url="{usual_edge.url}"')
        path.write_text(text.replace("http://127.0.0.1:55111", usual_edge.url), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder) -> Run:
    def run(*words: str, said: str = "") -> str:
        command = [sys.executable, "-W", "error", *words]
        done = subprocess.run(command, cwd=folder, input=said, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return done.stdout

    return run


def test_a_chat_answers_what_is_asked(run):
    """The answer is printed, with why it ended."""
    said = run("streaming_chat.py", said="What is the capital of France?\n")
    assert "Paris" in said
    assert "(stop)" in said


def test_a_voice_survives_the_round_trip(run):
    """Nearly every word that was spoken is heard."""
    kept, of = map(int, re.findall(r"(\d+) of (\d+) different", run("voice_round_trip.py"))[0])
    assert kept >= of - 2


def test_a_recording_gets_subtitles_in_two_languages(run, folder):
    """Both are SRT, one of them Spanish and one English."""
    run("subtitles.py")
    spanish, english = ((folder / f"buenos-dias.{name}.srt").read_text("utf-8") for name in ("es", "english"))
    assert spanish.startswith("1\n00:00:0")
    assert english.startswith("1\n00:00:0")
    assert "sol" in spanish
    assert "sun" in english.lower()


def test_facts_become_objects(run):
    """Each sentence is read as what it says."""
    said = run("extraction.py").splitlines()
    assert [re.findall(r"born=(\d+)", line) for line in said] == [["1867"], ["1871"], ["1815"]]


def test_an_agent_calls_a_tool_and_tells_what_it_said(run):
    """The function is called with the city that was asked for, and its result is in the answer."""
    call, *answer = run("tool_agent.py").splitlines()
    assert call.startswith('get_weather({"city": "Montreal"')
    assert "-4" in " ".join(answer)


def test_many_calls_are_all_answered(run):
    """Each country has its line, and the bar reaches its end."""
    said = run("many_calls.py")
    assert re.findall(r"(\d+)/\d+ ", said)[-1] == "6"
    assert "Ottawa" in said
    assert "Lima" in said


def test_the_next_edge_serves_while_the_first_is_down(run):
    """Two attempts as long as the first is asked, one when it is left alone."""
    said = run("failover.py")
    assert re.findall(r"second edge served after (\d)", said) == ["2", "2", "2", "1", "1"]
    assert "first edge" not in said


def test_an_app_streams_an_answer_through(folder):
    """FastAPI, served by uvicorn, passes the answer on piece by piece."""
    command = [sys.executable, "-W", "error", "-m", "uvicorn", "--port", "0", "fastapi_stream:app"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            url = next(found[0] for line in server.stderr if (found := re.findall(r"http://[\d.:]+", line)))
            question = {"question": "Name the days of the week."}
            with httpx.stream("GET", f"{url}/ask", params=question, timeout=120) as answer:
                pieces = list(answer.iter_raw())
        finally:
            server.terminate()
            server.stderr.read()
    assert answer.status_code == 200
    assert len(pieces) > 5
    assert "Monday" in b"".join(pieces).decode()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_lists_every_example(program):
    """With what it shows: the first line of the program itself."""
    shown = (EXAMPLES / program).read_text(encoding="utf-8").split('"""')[1].splitlines()[0]
    assert f"[{program}]({program})" in PAGE
    assert f"python examples/{program}" in PAGE or f"{program.removesuffix('.py')}:app" in PAGE
    assert shown in PAGE
    assert f"../examples/{program}\n" in SITE


def test_the_page_lists_no_other():
    """What it links to is there."""
    assert sorted(re.findall(r"\]\((\w+\.py)\)", PAGE)) == PROGRAMS
