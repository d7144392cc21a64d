"""regions, and the nearest one where none is named."""

import io
import json

import pytest
from rich.console import Console

from polargrid.regions import POLARGRID_REGIONS
from polargrid_cli import output, regions
from tests.cli.edges import refuses, serving, well
from tests.overlay.faults.edges import HEALTH, answer

KEY = {"POLARGRID_API_KEY": "pg_test_0123456789abcdef"}
REFUSED = ("401 Unauthorized", "invalid_api_key")


@pytest.fixture
def placed(monkeypatch, serve):
    """Puts edges of ours where the regions are; None is an address where nobody listens."""

    def place(*scripts):
        for (name, region), script in zip(list(POLARGRID_REGIONS.items()), scripts, strict=True):
            url = serve(script).url if script else "http://127.0.0.1:9"
            monkeypatch.setitem(POLARGRID_REGIONS, name, {**region, "url": url})

    return place


def sick(_path):
    return answer({**HEALTH, "status": "unhealthy"})


def test_regions(invoke, placed):
    """A line for each: how far it is, or what is wrong with it; the nearest healthy one is told."""
    placed(None, serving(well), serving(sick))
    told = invoke("regions", **KEY)
    vancouver, montreal, washington = [line.split("\t") for line in told.stdout.splitlines()]
    assert told.exit_code == 0
    assert vancouver[:3] == ["yvr-01", "Vancouver", ""]
    assert "cannot be reached" in vancouver[3]
    assert montreal[2].endswith(" ms")
    assert montreal[3] == "healthy, nearest"
    assert washington[3] == "unhealthy"


def test_regions_as_json(invoke, placed):
    """Latencies are numbers, and the nearest is named."""
    placed(serving(sick), None, serving(well))
    told = json.loads(invoke("regions", "--json", **KEY).stdout)
    assert told["nearest"] == "was-01"
    assert [each["status"] for each in told["regions"]] == ["unhealthy", None, "healthy"]
    assert [each["latency_ms"] is None for each in told["regions"]] == [False, True, False]


@pytest.mark.parametrize(("script", "expected"), [(None, 1), (refuses(*REFUSED), 3), (serving(sick), 1)])
def test_no_region_is_healthy(invoke, placed, script, expected):
    """The exit status says whether it is the key's fault."""
    placed(script, script, script)
    assert invoke("regions", **KEY).exit_code == expected


def test_no_key(invoke):
    """Regions answer nobody without one."""
    told = invoke("regions")
    assert told.exit_code == 3
    assert "set POLARGRID_API_KEY" in told.stderr


def test_the_nearest_serves(invoke, placed):
    """Where no region is named, a command goes to one that is healthy."""
    placed(None, serving(sick), serving(well))
    assert POLARGRID_REGIONS["was-01"]["url"] in invoke("health", **KEY).stdout


def test_a_key_that_all_regions_refuse(invoke, placed):
    """It is the key that is wrong, not the regions."""
    placed(*[refuses(*REFUSED)] * 3)
    assert invoke("chat", "Hi", **KEY).exit_code == 3


def test_bars(monkeypatch):
    """In a terminal the longest latency fills its bar and half of it half of one."""
    screen = io.StringIO()
    names = list(POLARGRID_REGIONS.values())
    distances = [
        regions.Distance(region, seconds, "healthy") for region, seconds in zip(names, (0.1, 0.05, None), strict=True)
    ]
    rows = [regions._row(each, "ymq-01") for each in distances]
    drawn = output.drawn(regions.COLUMNS, rows, bars=regions._shares(distances))
    Console(file=screen, width=120, force_terminal=True, color_system=None).print(drawn)
    bars = [line.count("█") for line in screen.getvalue().splitlines()[1:]]
    assert bars == [output._BAR, output._BAR // 2, 0]
