"""`polargrid batch`, as a process: killed, interrupted, and what it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import pytest
from click.testing import CliRunner

from polargrid_cli.commands import polargrid
from polargrid_testing.steps import Stall
from tests.batch.server import chat_row, error_answer, read_results, write_rows

COMMAND = [sys.executable, "-W", "error", "-m", "polargrid_cli", "batch"]


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("POLARGRID_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("POLARGRID_API_KEY", "k")


def start(*words, **options):
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)  # a child inherits an ignored one
    try:
        return subprocess.Popen(
            [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
    finally:
        signal.signal(signal.SIGINT, previous)


def invoke(*words, stdin=None):
    return CliRunner().invoke(polargrid, ["batch", *map(str, words)], input=stdin)


def test_a_run_that_is_killed_loses_and_doubles_nothing(serve, tmp_path):
    """Three times, each after some more requests; then it is finished. Asked twice is only what was in flight."""
    handler, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row(str(number)) for number in range(300)])
    output = tmp_path / "out.jsonl"
    words = ("run", source, "-o", output, "--base-url", url, "--max-in-flight", "8")
    for kill in range(1, 4):
        reached = threading.Event()
        goal = handler.requests + 40 * kill

        def script(_prompt, _n, goal=goal, reached=reached):
            if handler.requests >= goal:
                reached.set()

        handler.script = script
        process = start(*words)
        try:
            assert reached.wait(60)
        finally:
            process.kill()
            process.communicate()
    handler.script = None
    process = start(*words, "--json")
    summary = json.loads(process.communicate(timeout=60)[0])
    assert process.returncode == 0
    assert (summary["rows"], summary["is_complete"]) == (300, True)
    assert Counter(item["custom_id"] for item in read_results(output)) == {f"id-{number}": 1 for number in range(300)}
    assert handler.requests <= 300 + 3 * 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_waits_for_what_is_in_flight(serve, tmp_path, number):
    handler, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row(str(row)) for row in range(400)])
    output = tmp_path / "out.jsonl"
    process = start("run", source, "-o", output, "--base-url", url, "--max-in-flight", "4", "--json")

    def script(_prompt, n):
        if handler.requests == 20:
            process.send_signal(number)

    handler.script = script
    out, err = process.communicate(timeout=60)
    summary = json.loads(out)
    assert process.returncode == 130
    assert "waiting for the requests in flight" in err
    assert len(read_results(output)) == summary["succeeded"] == handler.requests < 400


def test_a_second_ctrl_c_ends_at_once(serve, tmp_path):
    """Though a request never ends."""
    handler, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row(str(row)) for row in range(40)])
    process = start("run", source, "-o", tmp_path / "out.jsonl", "--base-url", url)

    def script(prompt, _n):
        if prompt == "1":
            process.send_signal(signal.SIGINT)
        return [Stall()]

    handler.script = script
    assert "waiting" in process.stderr.readline() + process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_a_summary_adds_up(serve, tmp_path):
    _, url = serve(lambda prompt, _n: error_answer(404) if prompt == "3" else None)
    source = write_rows(tmp_path / "in.jsonl", [*(chat_row(str(row)) for row in range(10)), "{"])
    output = tmp_path / "out.jsonl"
    words = ("run", source, "-o", output, "--base-url", url)
    result = invoke(*words)
    assert result.exit_code == 5
    assert result.output.splitlines()[:4] == [
        "11 rows",
        " 9 succeeded",
        " 1 failed: InvalidRow",
        " 1 failed: NotFoundError",
    ]
    again = json.loads(invoke(*words, "--json").stdout)
    assert (again["rows"], again["done_before"], again["failed_before"], again["requests"]) == (11, 11, 2, 0)
    status = json.loads(invoke("status", output, "--json").stdout)
    assert (status["rows"], status["succeeded"], status["failures"]) == (11, 9, {"InvalidRow": 1, "NotFoundError": 1})
    text = invoke("status", output).output
    assert "succeeded\t9\n" in text
    assert "failed: NotFoundError\t1, the first is id-3: it is 404" in text
    assert "--retry-failed sends the rows again" in result.output


def test_a_run_whose_rows_all_fail_has_failed(serve, tmp_path):
    _, url = serve(lambda _prompt, _n: error_answer(404))
    source = write_rows(tmp_path / "in.jsonl", [chat_row("a")])
    assert invoke("run", source, "-o", tmp_path / "out.jsonl", "--base-url", url).exit_code == 1


def test_a_key_that_is_refused_has_its_exit_status(serve, tmp_path):
    _, url = serve(lambda _prompt, _n: error_answer(401))
    source = write_rows(tmp_path / "in.jsonl", [chat_row("a")])
    result = invoke("run", source, "-o", tmp_path / "out.jsonl", "--base-url", url)
    assert result.exit_code == 3
    assert "the run ended: it is 401" in result.output
    assert "1 read, and without a result\n" in result.output
    assert "not complete: the same command continues\n" in result.output


def test_stdin_and_a_prompt(serve, tmp_path):
    _, url = serve()
    output = tmp_path / "out.jsonl"
    process = start(
        "run", "-", "-o", output, "--base-url", url, "--operation", "chat_completion", "-m", "m", "--prompt", "Say {x}",
        stdin=subprocess.PIPE,
    )  # fmt: skip
    process.communicate('{"x": 1}\n{"x": 2, "custom_id": "two"}\n', timeout=60)
    assert process.returncode == 0
    texts = {
        item["custom_id"]: item["response"]["body"]["choices"][0]["message"]["content"] for item in read_results(output)
    }
    assert texts == {"row-1": "re: Say 1", "two": "re: Say 2"}


def test_a_check_prints_lines_and_estimates(tmp_path):
    source = write_rows(tmp_path / "in.jsonl", [chat_row("a", max_tokens=50), chat_row("b", temperature="hot"), "{"])
    result = invoke("check", source, "--max-rows-per-minute", "60")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].startswith(f"{source}:2: temperature: Input should be a valid number")
    assert lines[1].startswith(f"{source}:3: invalid JSON: ")
    assert lines[2] == "3 rows, 2 invalid (2 chat_completion)"
    assert lines[3].endswith("at most 50 output tokens, and more: no max_tokens in 1 row")
    assert lines[4] == "at least 0:00:03 with these limits"
    report = json.loads(invoke("check", source, "--json").stdout)
    assert [item["line"] for item in report["findings"]] == [2, 3]
    assert invoke("check", write_rows(source, [chat_row("a")])).exit_code == 0


def test_files_that_cannot_be_used_are_explained(tmp_path):
    words = ("-o", tmp_path / "out.jsonl", "--region", "local")
    missing = invoke("run", tmp_path / "none.jsonl", *words)
    assert missing.exit_code == 1
    assert "none.jsonl: No such file or directory" in missing.output
    table = tmp_path / "in.csv"
    table.write_text("a\n1\n", encoding="utf-8")
    assert invoke("run", table, *words).exit_code == 2
    assert "operation" in invoke("check", table).output


def test_a_url_counts_before_a_region(serve, tmp_path):
    """As with every other command."""
    _, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row("1")])
    result = invoke("run", source, "-o", tmp_path / "out.jsonl", "--base-url", url, "--region", "local", "--json")
    assert (result.exit_code, json.loads(result.stdout)["succeeded"]) == (0, 1)
