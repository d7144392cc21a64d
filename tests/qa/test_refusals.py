"""The program that measures rejections: its requests, its arithmetic, its exit status."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import pytest

from polargrid_edge.app import build_app
from polargrid_edge.services import Services
from polargrid_edge.settings import EdgeSettings
from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.operation import Operation
from qa.refusals import __main__ as program
from qa.refusals.__main__ import Measurement, measure
from qa.refusals.requests import HOSTILE, Request


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_hostile_request_makes_the_edge_fail(operation: Operation[object, object]) -> None:
    """Of any operation and any kind; the requests of an operation with a body are rejected."""
    settings = EdgeSettings()
    app = build_app(settings, Services(settings))
    for kind in HOSTILE[operation.name]:
        measurement = asyncio.run(measure(app, operation, kind, 4_000, 1))
        assert 200 <= measurement.status < 500 or measurement.status == HTTPStatus.NOT_IMPLEMENTED, measurement


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_hostile_request_grows_with_its_size(operation: Operation[object, object]) -> None:
    """Otherwise the growth of its time says nothing."""
    for kind, build in HOSTILE[operation.name].items():
        assert 3.5 < compute_size(build(400_000)) / compute_size(build(100_000)) < 4.5, kind


def compute_size(request: Request) -> int:
    size = len(request.body) + len(request.query) + len(request.path or "") + len(request.content_type or "")
    return size + sum(len(name) + len(value) for name, value in request.headers.items())


def test_the_last_name_of_a_body_is_there_twice() -> None:
    """After many others: JSON with a quadratic search takes longest for it."""
    body = HOSTILE["chat_completion"]["json: last name twice"](1000).body
    pairs = json.loads(body, object_pairs_hook=list)
    assert pairs[-1] == pairs[-2] == ("z", 1)
    assert len(pairs) > 100


@pytest.mark.parametrize(
    ("status", "seconds", "failure"),
    [
        (400, (0.2, 0.8), None),
        (400, (0.01, 0.16), None),
        (400, (0.1, 1.6), "more than linear"),
        (400, (2.0, 6.0), "longer than 5 s"),
        (500, (0.0, 0.0), "status 500"),
    ],
)
def test_a_measurement_fails_by_status_time_or_growth(
    status: int, seconds: tuple[float, float], failure: str | None
) -> None:
    """A short time says nothing about growth."""
    assert Measurement("health", "query", status, seconds).failure == failure


def test_the_exit_status_is_that_of_the_measurements(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 if one fails; its line says why."""
    assert program.main(["--size", "4000", "--only", "health"]) == 0
    assert "0 failures" in capsys.readouterr().out

    async def measure_all(*_: object) -> list[Measurement]:
        return [Measurement("health", "query", 500, (0.0, 0.0)), Measurement("health", "path", 404, (0.0, 1.0))]

    monkeypatch.setattr(program, "measure_all", measure_all)
    assert program.main([]) == 1
    assert "FAILED: status 500" in capsys.readouterr().out
