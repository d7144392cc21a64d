"""The endurance of both clients with few calls; `make endurance` makes many."""

from __future__ import annotations

import pytest

from qa.endurance.clients import CLIENTS, run_server
from qa.endurance.measures import MEASURES, Measure
from qa.endurance.run import main, run_measure


@pytest.fixture(scope="module")
def url():
    """The URL of the server of the endurance run."""
    with run_server() as url:
        yield url


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", MEASURES)
def test_measure_is_within_its_bound(url, name, client):
    """The bound is that of the long run."""
    measure = MEASURES[name]
    assert run_measure(measure, client, url, 200) <= measure.bound


def test_exceeded_bound_is_reported(monkeypatch, capsys):
    """Both clients are marked, and the exit status is 1."""
    monkeypatch.setitem(MEASURES, "storm", Measure("a measure", lambda *_: 3.0, 1, 2.0))
    assert main(["storm", "--times", "1"]) == 1
    assert capsys.readouterr().out.count("EXCEEDED") == len(CLIENTS)


def test_unknown_measure_is_rejected(capsys):
    """The message lists the measures."""
    with pytest.raises(SystemExit):
        main(["no-such-measure"])
    assert "unknown measure no-such-measure; expected one of: storm, " in capsys.readouterr().err
