"""A name -> a region."""

import pytest

from polargrid import ValidationError
from polargrid.regions import DEFAULT_REGION, POLARGRID_REGIONS, REGION_ALIASES, resolve


@pytest.mark.parametrize("name", POLARGRID_REGIONS)
def test_ids(name):
    """An id is its region, and the region's URL is that of the API's overview."""
    assert resolve(name) == POLARGRID_REGIONS[name]
    assert resolve(name)["url"] == f"https://api.{name}.edge.polargrid.ai:55111"


@pytest.mark.parametrize(("alias", "name"), REGION_ALIASES.items())
def test_aliases(alias, name):
    """An alias is the region that it stands for."""
    assert resolve(alias)["id"] == name


@pytest.mark.parametrize("name", ["YVR-01", " yvr-01\n", "Vancouver", "YVR"])
def test_spelling(name):
    """Case and blanks around a name do not matter."""
    assert resolve(name)["id"] == "yvr-01"


def test_local():
    """`local` is the edge on this machine."""
    assert resolve("local") == {"id": "local", "name": "Local", "url": "http://127.0.0.1:55111"}


def test_new_region():
    """A region that opened after this version is known by the form of its id."""
    assert resolve("fra-02") == {"id": "fra-02", "name": "fra-02", "url": "https://api.fra-02.edge.polargrid.ai:55111"}


def test_default():
    """The default is the default of openapi.yaml's server variable."""
    assert DEFAULT_REGION == "yvr-01"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "mars",
        "yvr-1",
        "yvr-001",
        "yvr-01.evil.example",
        "yvr-01@evil.example",
        "evil.example/yvr-01",
        "yvr-01/..",
        "..",
        "#",
        "yvr-01\r\nHost: evil.example",
        "yvr-०१",
        "ävr-01",
    ],
)
def test_unknown(name):
    """Any other name is refused, with the names there are: no name makes a host of its own."""
    with pytest.raises(ValidationError) as caught:
        resolve(name)
    assert caught.value.param == "region"
    assert all(known in caught.value.message for known in [*POLARGRID_REGIONS, *REGION_ALIASES, "local"])
