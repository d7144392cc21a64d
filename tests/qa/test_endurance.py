"""The endurance of both clients, in short; `make endurance` is the long run."""

from __future__ import annotations

import os

import pytest

from qa.endurance.measures import MEASURES, Measure
from qa.endurance.run import main, taken
from qa.endurance.served import CLIENTS, served


@pytest.fixture(scope="module")
def url():
    with pytest.MonkeyPatch.context() as environ:
        for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("POLARGRID_")]:
            environ.delenv(name)
        with served() as url:
            yield url


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", MEASURES)
def test_measure(url, name, client):
    """Two hundred times are within the bound of the long run."""
    measure = MEASURES[name]
    assert taken(measure, client, url, 200) <= measure.most


def test_bound_that_is_broken(monkeypatch, capsys):
    """A bound that is broken is told, and is the exit status."""
    monkeypatch.setitem(MEASURES, "storm", Measure("what is too much", lambda *_: 3.0, 1, 2.0))
    assert main(["storm", "--times", "1"]) == 1
    assert capsys.readouterr().out.count("BROKEN") == len(CLIENTS)
