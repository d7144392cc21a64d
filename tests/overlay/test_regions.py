"""Names of regions."""

import pytest

from polargrid import ValidationError
from polargrid.regions import DEFAULT_REGION, POLARGRID_REGIONS, REGION_ALIASES, resolve


@pytest.mark.parametrize("name", POLARGRID_REGIONS)
def test_id(name):
    """The URL of a region is derived from its id."""
    assert resolve(name) == POLARGRID_REGIONS[name]
    assert resolve(name)["url"] == f"https://api.{name}.edge.polargrid.ai:55111"


@pytest.mark.parametrize(("alias", "name"), REGION_ALIASES.items())
def test_alias(alias, name):
    """An alias resolves to its region."""
    assert resolve(alias)["id"] == name


@pytest.mark.parametrize("name", ["YVR-01", " yvr-01\n", "Vancouver", "YVR"])
def test_case_and_surrounding_space_do_not_matter(name):
    """Names come from environment variables and command lines."""
    assert resolve(name)["id"] == "yvr-01"


def test_local():
    """`local` is the edge on this machine."""
    assert resolve("local") == {"id": "local", "name": "Local", "url": "http://127.0.0.1:55111"}


def test_unknown_id_of_the_right_form():
    """A region may open after this version was released."""
    assert resolve("fra-02") == {"id": "fra-02", "name": "fra-02", "url": "https://api.fra-02.edge.polargrid.ai:55111"}


def test_default_region_is_that_of_openapi():
    """It is the default of openapi.yaml's server variable."""
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
def test_unknown_name(name):
    """No name leads to another host; the message lists the names that exist."""
    with pytest.raises(ValidationError) as caught:
        resolve(name)
    names = "yvr-01, ymq-01, was-01, vancouver, yvr, montreal, ymq, washington, was, local"
    assert caught.value.message == f"unknown region {name!r}; expected one of: {names}"
    assert caught.value.param == "region"
