"""`regions`, and the selection of the nearest region."""

import io
import json

import pytest
from rich.console import Console

from polargrid.regions import POLARGRID_REGIONS
from polargrid_cli import output
from polargrid_cli.commands import regions
from tests.cli.servers import HEALTH, healthy, reject, respond, route

KEY = {"POLARGRID_API_KEY": "pg_test_0123456789abcdef"}
REJECTED = ("401 Unauthorized", "invalid_api_key")
UNHEALTHY = {**HEALTH, "status": "unhealthy"}


@pytest.fixture
def replace_regions(monkeypatch, start_server, closed_url):
    """Replace the regions by scripted servers; None is an address that refuses connections."""

    def replace(*scripts):
        for (name, region), script in zip(list(POLARGRID_REGIONS.items()), scripts, strict=True):
            url = start_server(script).url if script else closed_url
            monkeypatch.setitem(POLARGRID_REGIONS, name, {**region, "url": url})

    return replace


def test_each_region_is_a_line(invoke, replace_regions):
    """The latency or the error, and which healthy region is the nearest."""
    replace_regions(None, route(healthy), respond(UNHEALTHY))
    result = invoke("regions", **KEY)
    vancouver, montreal, washington = [line.split("\t") for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert vancouver[:3] == ["yvr-01", "Vancouver", ""]
    assert vancouver[3] not in ("healthy", "unhealthy", "")
    assert montreal[2].endswith(" ms")
    assert montreal[3] == "healthy, nearest"
    assert washington[3] == "unhealthy"


def test_json_has_latencies_as_numbers(invoke, replace_regions):
    """And the id of the nearest region."""
    replace_regions(respond(UNHEALTHY), None, route(healthy))
    data = json.loads(invoke("regions", "--json", **KEY).stdout)
    assert data["nearest"] == "was-01"
    assert [region["status"] for region in data["regions"]] == ["unhealthy", None, "healthy"]
    assert [region["latency_ms"] is None for region in data["regions"]] == [False, True, False]


@pytest.mark.parametrize(("script", "exit_code"), [(None, 8), (reject(*REJECTED), 3), (respond(UNHEALTHY), 1)])
def test_the_exit_status_is_an_error_if_no_region_is_healthy(invoke, replace_regions, script, exit_code):
    """3 if every region rejects the key, 8 if none can be reached."""
    replace_regions(script, script, script)
    assert invoke("regions", **KEY).exit_code == exit_code


def test_latency_is_measured_without_a_key(invoke, replace_regions):
    """Also of regions that want one; their health is unknown then."""
    replace_regions(None, route(healthy), reject(*REJECTED))
    result = invoke("regions")
    vancouver, montreal, washington = [line.split("\t") for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert vancouver[2] == ""
    assert montreal[2].endswith(" ms")
    assert montreal[3].startswith("healthy")
    assert washington[2].endswith(" ms")
    assert washington[3].startswith("reachable")


def test_the_nearest_healthy_region_is_the_default(invoke, replace_regions):
    """A command uses it if no region is selected."""
    replace_regions(None, respond(UNHEALTHY), route(healthy))
    assert POLARGRID_REGIONS["was-01"]["url"] in invoke("health", **KEY).stdout


def test_a_key_that_all_regions_reject_is_an_authentication_error(invoke, replace_regions):
    """The exit status is that of the key, not of a network error."""
    replace_regions(*[reject(*REJECTED)] * 3)
    assert invoke("chat", "Hi", **KEY).exit_code == 3


def test_bars_are_proportional_to_latency():
    """The longest latency has a full bar, half of it half a bar, an unknown one none."""
    screen = io.StringIO()
    latencies = [
        regions.RegionLatency(region, seconds, "healthy")
        for region, seconds in zip(POLARGRID_REGIONS.values(), (0.1, 0.05, None), strict=True)
    ]
    rows = [regions.table_row(latency, "ymq-01") for latency in latencies]
    table = output.build_table(regions.COLUMNS, rows, bars=regions.bar_fractions(latencies))
    Console(file=screen, width=120, force_terminal=True, color_system=None).print(table)
    bars = [line.count("█") for line in screen.getvalue().splitlines()[1:]]
    assert bars == [output.BAR_WIDTH, output.BAR_WIDTH // 2, 0]
