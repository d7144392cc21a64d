"""The endpoints of a client, by its options and its environment."""

from __future__ import annotations

import pytest

from polargrid import ValidationError
from polargrid._endpoints import resolve_endpoints
from polargrid.regions import DEFAULT_REGION, resolve

YVR, YMQ = resolve("yvr"), resolve("ymq")


def urls_of(options, environ=None):
    return [endpoint.base_url for endpoint in resolve_endpoints(environ or {}, options)]


def message_of(options, environ=None):
    """The message of the error for invalid options."""
    with pytest.raises(ValidationError) as exc_info:
        resolve_endpoints(environ or {}, options)
    assert exc_info.value.param == str(exc_info.value).partition(":")[0]
    return str(exc_info.value)


def test_default_region_is_the_only_endpoint():
    (endpoint,) = resolve_endpoints({}, {})
    assert (endpoint.base_url, endpoint.region) == (resolve(DEFAULT_REGION)["url"], resolve(DEFAULT_REGION))


def test_regions_are_endpoints_in_their_order():
    endpoints = resolve_endpoints({}, {"regions": ["ymq", "yvr"]})
    assert [endpoint.base_url for endpoint in endpoints] == [YMQ["url"], YVR["url"]]
    assert [endpoint.region for endpoint in endpoints] == [YMQ, YVR]


def test_regions_may_contain_urls():
    endpoints = resolve_endpoints({}, {"regions": ("http://127.0.0.1:1/v1", "yvr")})
    assert [endpoint.base_url for endpoint in endpoints] == ["http://127.0.0.1:1", YVR["url"]]
    assert [endpoint.region for endpoint in endpoints] == [None, YVR]


def test_regions_override_the_environment():
    environ = {"POLARGRID_REGION": "was", "POLARGRID_BASE_URL": "http://127.0.0.1:1"}
    assert urls_of({"regions": ["yvr"]}, environ) == [YVR["url"]]


@pytest.mark.parametrize("option", [{"region": "yvr"}, {"base_url": "http://127.0.0.1:1"}])
def test_regions_cannot_be_combined(option):
    message = message_of({"regions": ["yvr"], **option})
    assert message == "regions: cannot be combined with region or base_url"


@pytest.mark.parametrize("regions", ["yvr", [], ["yvr", 7], [None]])
def test_invalid_regions_are_rejected(regions):
    assert message_of({"regions": regions}) == 'regions: expected a list of names, like ["yvr", "ymq"]'


@pytest.mark.parametrize("regions", [["yvr", "ymq", "yvr"], [YVR["id"], YVR["url"]]])
def test_duplicate_endpoint_is_rejected(regions):
    assert message_of({"regions": regions}) == f"regions: duplicate endpoint {regions[-1]!r}"


def test_unknown_region_is_rejected():
    with pytest.raises(ValidationError, match=r"^unknown region 'yvrr'; expected one of: "):
        resolve_endpoints({}, {"regions": ["yvr", "yvrr"]})


@pytest.mark.parametrize("option", ["region", "base_url"])
def test_option_overrides_both_variables(option):
    environ = {"POLARGRID_REGION": "was", "POLARGRID_BASE_URL": "http://127.0.0.1:1"}
    value = {"region": "ymq", "base_url": YMQ["url"]}[option]
    assert urls_of({option: value}, environ) == [YMQ["url"]]


def test_url_of_the_environment_is_used_with_its_region():
    environ = {"POLARGRID_REGION": "ymq", "POLARGRID_BASE_URL": "http://127.0.0.1:1"}
    (endpoint,) = resolve_endpoints(environ, {})
    assert (endpoint.base_url, endpoint.region) == ("http://127.0.0.1:1", YMQ)


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        (" http://127.0.0.1:1/ ", "http://127.0.0.1:1"),
        ("https://edge.example/v1/", "https://edge.example"),
        ("https://edge.example/prefix/v1", "https://edge.example/prefix"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_base_url_is_normalized(url, base_url):
    assert urls_of({"base_url": url}) == [base_url]


@pytest.mark.parametrize(
    "url",
    [
        *("edge.example", "ftp://edge.example", "http://", "http://:80", "http://edge.example:0", "http://edge:port"),
        *("http://[::1", "http://edge.example?a=1", "http://edge.example#a", "http://user@edge.example"),
        *("http://edge.example/a b", "http://edge.example/a\tb", "http://edge.example/\x7f"),
    ],
)
def test_invalid_base_url_is_rejected(url):
    expected = "base_url: expected an http or https URL, like http://127.0.0.1:55111"
    assert message_of({"base_url": url}) == expected
