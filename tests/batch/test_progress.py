"""Progress as a line."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from polargrid_batch import notebook
from polargrid_batch.budget import Budget
from polargrid_batch.lines import InputPosition
from polargrid_batch.notebook import create_notebook_progress
from polargrid_batch.prices import Prices
from polargrid_batch.progress import ProgressFacts, ProgressReader, estimate_seconds, format_progress, format_time
from polargrid_batch.summary import Summary
from polargrid_cli.batch_progress import ProgressPrinter


def create_run(**limiter):
    limits = SimpleNamespace(**{"limit": 8, "hold_seconds": lambda _now: 4, **limiter})
    spread = SimpleNamespace(limiters={"a": limits, "b": limits}, is_out=bool(limiter))
    engine = SimpleNamespace(spread=spread, in_flight=3, waiting=2, left=0, budget=None)
    engine.last_error = "a: \x1b[2J connect\nerror"
    return SimpleNamespace(engine=engine, summary=Summary(done_before=100), position=InputPosition(50, 100))


def test_a_line_has_what_there_is():
    assert (
        format_progress(ProgressFacts(12345, 0, 250, 64, 80, 0, 0)) == "12,345 rows, 250.0 rows/s, 64 of 80 in flight"
    )
    line = format_progress(ProgressFacts(7, 1, 0.5, 1, 2, 3, 4, 3700))
    assert line == "7 rows, 1 failed, 0.5 rows/s, 1 of 2 in flight, 3 waiting, 4 retries, 1:01:40 left"


def test_a_line_has_what_is_spent_of_the_budget():
    run = create_run()
    run.engine.budget = Budget(5.0, Prices(), spent=0.123)
    assert format_progress(ProgressReader().read(run, 1.0)).endswith(", $0.12 of $5.00")


def test_a_notebook_has_an_output_that_is_replaced(monkeypatch):
    """And is the summary in the end; elsewhere there is none."""
    assert create_notebook_progress() is None
    shown = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(("update", data["text/plain"], raw)))

    def display(data, *, raw, display_id):
        shown.append(("display", data["text/plain"], raw and display_id))
        return handle

    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(notebook, "_SECONDS", 0.0)
    progress, run = create_notebook_progress(), create_run()
    for _ in range(2):
        progress(run)
    progress.finish(run)
    assert [kind for kind, _, is_raw in shown if is_raw] == ["display", "update", "update"]
    assert "100 rows, 0.0 rows/s, 3 of 16 in flight" in shown[1][1]
    assert "100 done before" in shown[2][1]
    del shell.kernel
    assert create_notebook_progress() is None


def test_the_rate_is_that_of_the_last_seconds():
    reader, run = ProgressReader(), create_run()
    for second in range(60):
        run.summary.succeeded = second if second < 40 else 40 + (second - 40) * 100
        facts = reader.read(run, second)
    assert facts.rate == pytest.approx(100)
    assert (facts.done, facts.limit) == (2040, 16)
    assert facts.seconds_left == pytest.approx(20.4)


def test_the_time_left_is_unknown_without_a_size():
    assert estimate_seconds(None, 10, 0, 1) is None
    assert estimate_seconds(0.5, 10, 0, 0) is None
    assert estimate_seconds(0.25, 10, 0, 2) == 15
    assert estimate_seconds(1, 10, 30, 2) == 15
    assert format_time(59.6) == "0:01:00"


def test_an_outage_is_told_without_control_characters():
    stream = io.StringIO()
    ProgressPrinter(stream, plain_seconds=0)(create_run(is_out=True))
    assert "no server can be reached, next attempt in 4 s: a: \\u001b[2J connect error\n" in stream.getvalue()


def test_a_server_that_asks_to_wait_is_told():
    """Else a run that sends nothing looks as if it hung."""
    run = create_run(hold_seconds=lambda _now: 90.0)
    run.engine.spread.is_out, run.engine.in_flight = False, 0
    assert ProgressReader().read(run, 1.0).problem == "the server asks to wait, next attempt in 90 s"


def test_a_terminal_has_one_line():
    stream = io.StringIO()
    stream.isatty = lambda: True
    printer = ProgressPrinter(stream)
    printer(create_run())
    printer(create_run())
    printer.finish()
    assert stream.getvalue().count("\r") == 2
    assert stream.getvalue().count("\n") == 1
